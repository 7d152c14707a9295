"""Whether a run is believable enough to change what the public sees."""

from pydantic import BaseModel, ConfigDict, Field

from domain.common.enums import Access, Outcome
from domain.common.text import format_count

MIN_SHARE_SAMPLE = 20
USUAL_PRICES = {Access.RENT: (99, 999), Access.BUY: (199, 2999)}
"""Cents between which a price surprises nobody; no other access has a price of its own."""


class RunExpectations(BaseModel):
    """What a platform file expects of a run.

    `max_drop` is the share of lines that may be missing against the last accepted run; `fill` the least share of lines
    with each field filled. The others are the largest shares of: lines that could not be read (`unmapped`), lines with a word
    that the file does not translate (`unknown_words`), lines given twice (`duplicates`), lines with a price out of the usual
    (`strange_prices`), known lines whose title changed (`retitled`), pages that failed (`missed`), that say their film left
    (`gone`); and from twenty lines on, lines whose every offer is over (`ended`), known lines whose price changed (`repriced`),
    lines never seen before (`newcomers`), or that share one link (`same_link`).
    """

    model_config = ConfigDict(extra="forbid")
    min: int = Field(default=1, ge=1)
    max: int | None = None
    max_drop: float = Field(default=0.10, ge=0, le=1)
    fill: dict[str, float] = Field(default_factory=dict)
    unmapped: float = Field(default=0.02, ge=0, le=1)
    unknown_words: float = Field(default=0.05, ge=0, le=1)
    duplicates: float = Field(default=0.05, ge=0, le=1)
    strange_prices: float = Field(default=0.05, ge=0, le=1)
    ended: float = Field(default=0.20, ge=0, le=1)
    retitled: float = Field(default=0.10, ge=0, le=1)
    repriced: float = Field(default=0.50, ge=0, le=1)
    newcomers: float = Field(default=0.50, ge=0, le=1)
    same_link: float = Field(default=0.10, ge=0, le=1)
    missed: float = Field(default=0.02, ge=0, le=1)
    gone: float = Field(default=0.10, ge=0, le=1)


class RunCounts(BaseModel):
    """What a run counted: lines received, kept, unreadable, given twice, with an unknown word or a strange price, dropped by
    rule, fields filled; requests made, pages listed, failed, gone, and carried over unchanged; against what was known, lines
    over, retitled, repriced, new, or that share one link; offers in all."""

    requests: int = 0
    listed: int = 0
    missed: int = 0
    gone: int = 0
    carried: int = 0
    rows: int = 0
    kept: int = 0
    unmapped: int = 0
    duplicates: int = 0
    unknown_words: int = 0
    strange_prices: int = 0
    offers: int = 0
    ended: int = 0
    retitled: int = 0
    repriced: int = 0
    newcomers: int = 0
    same_link: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)
    filled: dict[str, int] = Field(default_factory=dict)
    announced: int | None = None


def is_unusual_price(access: Access, price_cents: int | None) -> bool:
    """Whether a price is out of the usual: a film rented for 45 €, or a subscription with a price of its own."""
    if price_cents is None:
        return False
    least, most = USUAL_PRICES.get(access, (0, 0))
    return not least <= price_cents <= most


def _format_percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0").replace(".", ",") + " %"


def check_counts(expect: RunExpectations, outcome: Outcome, counts: RunCounts, baseline: RunCounts | None) -> list[str]:
    """Why a run should be held, in French, one reason a line; empty when it may be accepted.

    `before` is the fullest of the platform's recent accepted runs.
    """
    if outcome is Outcome.FAILED:
        return ["collecte en échec"]
    found = ["collecte incomplète"] if outcome is Outcome.PARTIAL else []
    return (
        found
        + _check_volume(expect, counts, baseline)
        + _check_excesses(expect, counts, baseline)
        + _check_fill_rates(expect, counts)
    )


def _check_volume(expect: RunExpectations, counts: RunCounts, baseline: RunCounts | None) -> list[str]:
    """The number of titles and offers, against what is expected, was there before, and the platform announced."""
    kept, announced, found = counts.kept, counts.announced, []
    if kept < expect.min:
        found.append(f"{format_count(kept, 'titre gardé')}, {format_count(expect.min, 'attendu')} au moins")
    if expect.max is not None and kept > expect.max:
        found.append(f"{format_count(kept, 'titre gardé')}, {format_count(expect.max, 'attendu')} au plus")
    falls = ((kept, baseline.kept, "titre"), (counts.offers, baseline.offers, "offre")) if baseline else ()
    for now, then, what in falls:
        if then and now < (1 - expect.max_drop) * then:
            fallen, admitted = _format_percent(1 - now / then), _format_percent(expect.max_drop)
            found.append(f"{format_count(now, what)} contre {then} récemment : baisse de {fallen}, {admitted} admis")
    if announced is not None and not (announced <= counts.rows + counts.duplicates and counts.rows <= 1.01 * announced):
        found.append(f"{format_count(counts.rows, 'ligne reçue')} pour {format_count(announced, 'annoncée')}")
    return found


def _check_excesses(expect: RunExpectations, counts: RunCounts, baseline: RunCounts | None) -> list[str]:
    """What a healthy run has little of."""
    received = counts.rows + counts.duplicates
    many = counts.kept if counts.kept >= MIN_SHARE_SAMPLE else 0
    shares = (
        (counts.unmapped, counts.rows, expect.unmapped, "ligne illisible", ""),
        (counts.unknown_words, counts.rows, expect.unknown_words, "ligne", " au mot inconnu"),
        (counts.duplicates, received, expect.duplicates, "ligne", " en double"),
        (counts.strange_prices, counts.kept, expect.strange_prices, "titre", " au prix inhabituel"),
        (counts.ended, many, expect.ended, "titre", " dont toutes les offres sont passées"),
        (counts.repriced, many, expect.repriced, "titre", " dont le prix a changé"),
        (
            counts.newcomers,
            many if baseline and baseline.kept >= MIN_SHARE_SAMPLE else 0,
            expect.newcomers,
            "titre",
            " jamais vus",
        ),
        (counts.same_link, many, expect.same_link, "titre", " au même lien"),
        (counts.retitled, counts.kept, expect.retitled, "titre", " sous un autre nom qu'à la dernière collecte"),
        (counts.missed, counts.listed, expect.missed, "page", " en échec"),
        (counts.gone, counts.listed, expect.gone, "page retirée", ""),
    )
    return [
        f"{format_count(seen, what)}{how} sur {total}, {_format_percent(admitted)} admis"
        for seen, total, admitted, what, how in shares
        if total and seen > admitted * total
    ]


def _check_fill_rates(expect: RunExpectations, counts: RunCounts) -> list[str]:
    """Fields less often filled than they should be."""
    found = []
    for name, least in expect.fill.items():
        share = counts.filled.get(name, 0) / max(counts.kept, 1)
        if counts.kept and share < least:
            found.append(f"champ « {name} » rempli à {_format_percent(share)}, {_format_percent(least)} attendus au moins")
    return found
