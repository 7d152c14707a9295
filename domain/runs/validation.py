"""Check the counts of a run against what its platform file expects and against earlier runs."""

from pydantic import BaseModel, ConfigDict, Field

from domain.common.enums import Access, HoldCode, Outcome
from domain.runs.hold_reasons import HoldReason, build_reason

MIN_SHARE_SAMPLE = 20
USUAL_PRICES = {Access.RENT: (99, 999), Access.BUY: (199, 2999)}
"""Lowest and highest usual price in cents; other ways to watch have no price of their own."""


class RunExpectations(BaseModel):
    """Represent the limits that a platform file sets for its runs; a run outside them is held.

    `min` and `max` bound the number of titles, `max_drop` the share of them that may be missing against recent accepted runs,
    `fill` gives for each field the smallest share of titles that must have it. All others are the largest admitted share of:
    rows that could not be read (`unmapped`), rows with a word that the file does not translate (`unknown_words`), rows received
    twice (`duplicates`), titles with a price out of the usual (`strange_prices`), titles already known under another name
    (`retitled`), pages that failed (`missed`) or said that their film left (`gone`). From twenty titles on: titles whose every
    offer is over (`ended`), whose price changed (`repriced`), never seen before (`newcomers`), or that share one link
    (`same_link`).
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
    """Count what a run received and kept.

    Requests made (`requests`); pages announced by the site (`listed`), failed (`missed`), withdrawn (`gone`), and reused because
    they are unchanged (`carried`); rows received (`rows`), of which kept as titles (`kept`), unreadable (`unmapped`), with an
    unknown word or an unusual price, left aside by rule (`dropped`); rows received twice (`duplicates`, not in `rows`); titles
    that have each field (`filled`); offers in all. Compared with the live catalogue: titles whose offers are all over (`ended`),
    renamed, at another price or new, and the largest number of titles under one link. `announced` is the total that the platform
    gives, None when it gives none.
    """

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
    """Tell whether a price is out of the usual: a film rented for 45 €, or a price on a subscription."""
    if price_cents is None:
        return False
    lowest, highest = USUAL_PRICES.get(access, (0, 0))
    return not lowest <= price_cents <= highest


def check_counts(expect: RunExpectations, outcome: Outcome, counts: RunCounts, baseline: RunCounts | None) -> list[HoldReason]:
    """List why a run must be held; empty when it may be accepted.

    `baseline` are the counts of the fullest of the platform's recent accepted runs, None without any.
    """
    if outcome is Outcome.FAILED:
        return [build_reason(HoldCode.COLLECTION_FAILED)]
    reasons = []
    if outcome is Outcome.PARTIAL:
        reasons.append(build_reason(HoldCode.INCOMPLETE))
    reasons += _check_volume(expect, counts)
    if baseline is not None:
        reasons += _check_falls(expect, counts, baseline)
    reasons += _check_announced_total(counts)
    reasons += _check_excesses(expect, counts, baseline)
    return reasons + _check_fill_rates(expect, counts)


def _check_volume(expect: RunExpectations, counts: RunCounts) -> list[HoldReason]:
    """Compare the number of titles with the expected minimum and maximum."""
    reasons = []
    if counts.kept < expect.min:
        reasons.append(build_reason(HoldCode.TOO_FEW_TITLES, count=counts.kept, minimum=expect.min))
    if expect.max is not None and counts.kept > expect.max:
        reasons.append(build_reason(HoldCode.TOO_MANY_TITLES, count=counts.kept, maximum=expect.max))
    return reasons


def _check_falls(expect: RunExpectations, counts: RunCounts, baseline: RunCounts) -> list[HoldReason]:
    """Compare the numbers of titles and offers with those of recent accepted runs."""
    falls = (
        (HoldCode.FEWER_TITLES, counts.kept, baseline.kept),
        (HoldCode.FEWER_OFFERS, counts.offers, baseline.offers),
    )
    smallest_share = 1 - expect.max_drop
    return [
        build_reason(code, count=count, before=before, limit=expect.max_drop)
        for code, count, before in falls
        if before and count < smallest_share * before
    ]


def _check_announced_total(counts: RunCounts) -> list[HoldReason]:
    """Compare the number of rows with the total that the platform announced, to one percent above."""
    if counts.announced is None:
        return []
    received = counts.rows + counts.duplicates
    if counts.announced <= received and counts.rows <= 1.01 * counts.announced:
        return []
    return [build_reason(HoldCode.ANNOUNCED_TOTAL, rows=counts.rows, announced=counts.announced)]


def _check_excesses(expect: RunExpectations, counts: RunCounts, baseline: RunCounts | None) -> list[HoldReason]:
    """Compare with its limit each share that is small in a healthy run."""
    received = counts.rows + counts.duplicates
    # Of a few titles, one alone would be a large share.
    sample = counts.kept if counts.kept >= MIN_SHARE_SAMPLE else 0
    has_past = baseline is not None and baseline.kept >= MIN_SHARE_SAMPLE
    newcomers_sample = sample if has_past else 0
    shares = (
        (HoldCode.UNREADABLE_ROWS, counts.unmapped, counts.rows, expect.unmapped),
        (HoldCode.UNKNOWN_WORDS, counts.unknown_words, counts.rows, expect.unknown_words),
        (HoldCode.DUPLICATE_ROWS, counts.duplicates, received, expect.duplicates),
        (HoldCode.UNUSUAL_PRICES, counts.strange_prices, counts.kept, expect.strange_prices),
        (HoldCode.PAST_OFFERS, counts.ended, sample, expect.ended),
        (HoldCode.REPRICED_TITLES, counts.repriced, sample, expect.repriced),
        (HoldCode.NEW_TITLES, counts.newcomers, newcomers_sample, expect.newcomers),
        (HoldCode.SAME_LINK, counts.same_link, sample, expect.same_link),
        (HoldCode.RENAMED_TITLES, counts.retitled, counts.kept, expect.retitled),
        (HoldCode.FAILED_PAGES, counts.missed, counts.listed, expect.missed),
        (HoldCode.GONE_PAGES, counts.gone, counts.listed, expect.gone),
    )
    return [
        build_reason(code, count=count, total=total, limit=limit)
        for code, count, total, limit in shares
        if total and count > limit * total
    ]


def _check_fill_rates(expect: RunExpectations, counts: RunCounts) -> list[HoldReason]:
    """List the fields that fewer titles have than expected."""
    if not counts.kept:
        return []
    reasons = []
    for name, minimum in expect.fill.items():
        share = counts.filled.get(name, 0) / counts.kept
        if share < minimum:
            reasons.append(build_reason(HoldCode.UNFILLED_FIELD, field=name, share=share, minimum=minimum))
    return reasons
