"""Compare two descriptions of a work: which facts agree, which are near, which differ, and by which words."""

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
_MIN_SHARED_WORD_LENGTH = 3
_SAME_RUNTIME_MINUTES = 1
_NEAR_RUNTIME_MINUTES = 5


class Sign(Enum):
    """Say how a fact compares: a sign for the eye, and a word for whoever does not see it."""

    SAME = ("=", "identique")
    NEAR = ("≈", "proche")
    OTHER = ("≠", "différent")


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """Store what is known of a work, as it was written; empty where nobody said. The runtime is in minutes."""

    title: str
    other_titles: tuple[str, ...] = ()
    year: int | None = None
    release: date | None = None
    directors: tuple[str, ...] = ()
    runtime: int | None = None
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    ids: dict[str, str] = field(default_factory=dict)

    def list_titles(self) -> list[str]:
        """Return every title, the main one first."""
        return [self.title, *self.other_titles]


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """Represent a fact as it is shown: pieces of text, each with whether it differs, and a sign (None: nothing to compare)."""

    label: str
    pieces: tuple[tuple[str, bool], ...]
    sign: Sign | None = None

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "".join(piece for piece, _ in self.pieces)


def compare_facts(work: WorkFacts, subject: WorkFacts | None = None) -> list[ComparedFact]:
    """Return the facts known of a work, compared with those of the work that a case is about, if any."""
    facts = [compare(work, subject) for compare in _COMPARISONS]
    return [fact for fact in facts if fact and fact.text]


def _compare_title(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    if subject is None:
        return _make_fact("Titre", work.title)
    sign = _compare_title_sets([work.title], subject.list_titles())
    return _highlight_differences("Titre", work.title, subject.list_titles(), sign)


def _compare_other_titles(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    text = " / ".join(work.other_titles)
    if subject is None or not work.other_titles:
        return _make_fact("Autres titres", text)
    sign: Sign | None = _compare_title_sets(work.other_titles, subject.list_titles())
    if not subject.other_titles and sign is not Sign.SAME:
        sign = None  # a title in another language says nothing where only one was written
    return _highlight_differences("Autres titres", text, subject.list_titles(), sign)


def _compare_title_sets(titles: Iterable[str], others: Iterable[str]) -> Sign:
    keys = {build_title_key(title) for title in titles}
    other_keys = {build_title_key(title) for title in others}
    shared_words = set(" ".join(keys).split()) & set(" ".join(other_keys).split())
    is_near = any(len(word) >= _MIN_SHARED_WORD_LENGTH for word in shared_words)
    return _make_sign(is_same=bool(keys & other_keys), is_near=is_near)


def _compare_year(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact | None:
    if not work.year:
        return None
    sign = None
    if subject and subject.year:
        sign = _sign_year(work, subject.year)
    return _make_fact("Année", str(work.year), sign)


def _sign_year(work: WorkFacts, year: int) -> Sign:
    is_release_year = work.release is not None and work.release.year == year
    is_next = work.year is not None and abs(work.year - year) == 1
    return _make_sign(is_same=work.year == year, is_near=is_next or is_release_year)


def _format_release(work: WorkFacts, _: WorkFacts | None) -> ComparedFact | None:
    if work.release is None:
        return None
    return _make_fact("Sortie en France", format_long_date(work.release))


def _compare_directors(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    text = ", ".join(work.directors)
    if not subject or not subject.directors:
        return _make_fact("Réalisation", text)
    names = {frozenset(split_words(name)) for name in work.directors}
    other_names = {frozenset(split_words(name)) for name in subject.directors}
    shared_words = set(split_words(text)) & set(split_words(" ".join(subject.directors)))
    sign = _make_sign(is_same=names == other_names, is_near=bool(shared_words))
    return _highlight_differences("Réalisation", text, subject.directors, sign)


def _compare_runtime(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact | None:
    if not work.runtime:
        return None
    sign = None
    if subject and subject.runtime:
        gap = abs(subject.runtime - work.runtime)
        sign = _make_sign(is_same=gap <= _SAME_RUNTIME_MINUTES, is_near=gap <= _NEAR_RUNTIME_MINUTES)
    return _make_fact("Durée", format_runtime(work.runtime), sign)


def _compare_countries(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    text = ", ".join(work.countries)
    if not subject or not subject.countries:
        return _make_fact("Pays", text)
    countries = {fold_text(country) for country in work.countries}
    other_countries = {fold_text(country) for country in subject.countries}
    sign = _make_sign(is_same=countries == other_countries, is_near=bool(countries & other_countries))
    return _highlight_differences("Pays", text, subject.countries, sign)


def _compare_kind(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact | None:
    if work.kind is None:
        return None
    sign = None
    if subject and subject.kind:
        sign = _make_sign(is_same=subject.kind is work.kind, is_near=False)
    return _make_fact("Nature", KIND_LABELS[work.kind], sign)


def _compare_ids(work: WorkFacts, subject: WorkFacts | None) -> ComparedFact:
    """Show the identifiers that both works have; all of them when there is nothing to compare."""
    if subject is None:
        return _make_fact("Numéros", _format_ids(work.ids))
    shared = {scheme: value for scheme, value in work.ids.items() if scheme in subject.ids}
    if not shared:
        return _make_fact("Numéros", "")
    is_same = all(subject.ids[scheme] == value for scheme, value in shared.items())
    return _make_fact("Numéros", _format_ids(shared), _make_sign(is_same=is_same, is_near=False))


def _format_ids(ids: dict[str, str]) -> str:
    return ", ".join(f"{_SCHEME_LABELS.get(scheme, scheme)} {value}" for scheme, value in ids.items())


def _make_sign(*, is_same: bool, is_near: bool) -> Sign:
    if is_same:
        return Sign.SAME
    return Sign.NEAR if is_near else Sign.OTHER


def _make_fact(label: str, text: str, sign: Sign | None = None) -> ComparedFact:
    return ComparedFact(label, ((text, sign is Sign.OTHER),), sign)


def _highlight_differences(label: str, text: str, others: Iterable[str], sign: Sign | None) -> ComparedFact:
    """Return a fact whose words that the other texts do not have are marked as different."""
    if sign in (None, Sign.SAME):
        return _make_fact(label, text, sign)
    other_words = set(split_words(" ".join(others)))
    pieces = []
    for piece in _TOKENS.findall(text):
        pieces.append((piece, piece.isalnum() and fold_text(piece) not in other_words))
    return ComparedFact(label, tuple(pieces), sign)


_COMPARISONS: tuple[Callable[[WorkFacts, WorkFacts | None], ComparedFact | None], ...] = (
    _compare_title,
    _compare_other_titles,
    _compare_year,
    _format_release,
    _compare_directors,
    _compare_runtime,
    _compare_countries,
    _compare_kind,
    _compare_ids,
)
