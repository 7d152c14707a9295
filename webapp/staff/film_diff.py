"""Two descriptions of a work set side by side: which facts agree, which are near, which differ, and by which words."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from domain.common.casing import KIND_LABELS
from domain.common.enums import Kind
from domain.common.text import fold_text, split_words
from domain.common.titles import build_title_key
from webapp.core.french import format_long_date, format_runtime

_SCHEME_LABELS = {"imdb": "IMDb", "tmdb": "TMDB", "allocine": "AlloCiné", "senscritique": "SensCritique", "wikidata": "Wikidata"}
_TOKENS = re.compile(r"\w+|\W+")


class Sign(Enum):
    """How a fact compares: a sign for the eye, and a word for whoever does not see it."""

    SAME = ("=", "identique")
    NEAR = ("≈", "proche")
    OTHER = ("≠", "différent")


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """What is known of a work, as it was written; empty where nobody said."""

    title: str
    other_titles: tuple[str, ...] = ()
    year: int | None = None
    release: date | None = None
    directors: tuple[str, ...] = ()
    runtime: int | None = None
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """A fact as it is shown: pieces of text, each with whether it differs, and a sign (None: nothing to compare)."""

    label: str
    pieces: tuple[tuple[str, bool], ...]
    sign: Sign | None = None

    @property
    def text(self) -> str:
        """The whole, unmarked."""
        return "".join(piece for piece, _ in self.pieces)


def _make_fact(label: str, text: str, sign: Sign | None = None) -> ComparedFact:
    return ComparedFact(label, ((text, sign is Sign.OTHER),), sign)


def _highlight_differences(label: str, text: str, other: str, sign: Sign | None) -> ComparedFact:
    """The words that the other text does not have are marked."""
    if sign in (None, Sign.SAME):
        return _make_fact(label, text, sign)
    known = set(split_words(other))
    return ComparedFact(
        label, tuple((piece, piece.isalnum() and fold_text(piece) not in known) for piece in _TOKENS.findall(text)), sign
    )


def _list_titles(sheet: WorkFacts) -> list[str]:
    return [sheet.title, *sheet.other_titles]


def _compare_title_sets(mine: Iterable[str], yours: Iterable[str]) -> Sign:
    mine_keys, your_keys = {build_title_key(title) for title in mine}, {build_title_key(title) for title in yours}
    if mine_keys & your_keys:
        return Sign.SAME
    common = set(" ".join(mine_keys).split()) & set(" ".join(your_keys).split())
    return Sign.NEAR if any(len(word) > 2 for word in common) else Sign.OTHER


def _compare_title(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    if subject is None:
        return _make_fact("Titre", film.title)
    return _highlight_differences(
        "Titre", film.title, " ".join(_list_titles(subject)), _compare_title_sets([film.title], _list_titles(subject))
    )


def _compare_other_titles(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    text = " / ".join(film.other_titles)
    if subject is None:
        return _make_fact("Autres titres", text)
    sign = _compare_title_sets(film.other_titles, _list_titles(subject))
    told = subject.other_titles or sign is Sign.SAME  # a title in another language says nothing where only one was written
    return _highlight_differences("Autres titres", text, " ".join(_list_titles(subject)), sign if told else None)


def _compare_year(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    sign = None
    if subject and subject.year and film.year:
        near = abs(subject.year - film.year) == 1 or (film.release and film.release.year == subject.year)
        sign = Sign.SAME if subject.year == film.year else Sign.NEAR if near else Sign.OTHER
    return _make_fact("Année", str(film.year), sign)


def _format_release(film: WorkFacts, _: WorkFacts | None) -> ComparedFact:
    return _make_fact("Sortie en France", format_long_date(film.release) if film.release else "")


def _compare_directors(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    text, sign, said = ", ".join(film.directors), None, ""
    if subject and subject.directors:
        mine, yours = ({frozenset(split_words(name)) for name in sheet.directors} for sheet in (film, subject))
        said = " ".join(subject.directors)
        sign = Sign.SAME if mine == yours else Sign.NEAR if set(split_words(text)) & set(split_words(said)) else Sign.OTHER
    return _highlight_differences("Réalisation", text, said, sign)


def _compare_runtime(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    sign = None
    if subject and subject.runtime and film.runtime:
        gap = abs(subject.runtime - film.runtime)
        sign = Sign.SAME if gap <= 1 else Sign.NEAR if gap <= 5 else Sign.OTHER
    return _make_fact("Durée", format_runtime(film.runtime or 0), sign)


def _compare_countries(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    text, sign, said = ", ".join(film.countries), None, ""
    if subject and subject.countries:
        mine, yours = ({fold_text(country) for country in sheet.countries} for sheet in (film, subject))
        said = " ".join(subject.countries)
        sign = Sign.SAME if mine == yours else Sign.NEAR if mine & yours else Sign.OTHER
    return _highlight_differences("Pays", text, said, sign)


def _compare_kind(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    compared = subject is not None and subject.kind is not None
    sign = (Sign.SAME if subject and subject.kind is film.kind else Sign.OTHER) if compared else None
    return _make_fact("Nature", KIND_LABELS[film.kind] if film.kind else "", sign)


def _compare_ids(film: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    common = [scheme for scheme in film.ids if subject is not None and scheme in subject.ids]
    shown = common if subject is not None else list(film.ids)
    text = ", ".join(f"{_SCHEME_LABELS.get(scheme, scheme)} {film.ids[scheme]}" for scheme in shown)
    same = subject is not None and all(film.ids[scheme] == subject.ids[scheme] for scheme in common)
    return _make_fact("Numéros", text, (Sign.SAME if same else Sign.OTHER) if common else None)


_COMPARISONS: tuple[tuple[Callable[[WorkFacts], object], Callable[[WorkFacts, WorkFacts | None], ComparedFact]], ...] = (
    (lambda sheet: sheet.title, _compare_title),
    (lambda sheet: sheet.other_titles, _compare_other_titles),
    (lambda sheet: sheet.year, _compare_year),
    (lambda sheet: sheet.release, _format_release),
    (lambda sheet: sheet.directors, _compare_directors),
    (lambda sheet: sheet.runtime, _compare_runtime),
    (lambda sheet: sheet.countries, _compare_countries),
    (lambda sheet: sheet.kind, _compare_kind),
    (lambda sheet: sheet.ids, _compare_ids),
)


def compare_facts(sheet: WorkFacts, subject: WorkFacts | None = None) -> list[ComparedFact]:
    """The facts known of a work, compared with those of the work asked about, if any."""
    facts = [row(sheet, subject) for known, row in _COMPARISONS if known(sheet)]
    return [fact for fact in facts if fact.text]
