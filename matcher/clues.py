"""What an entry and a film have in common, clue by clue, each at one of a few levels."""

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from matcher.numbers import numbers_of
from matcher.people import Agreement, compare_people
from matcher.work import Work

_CLOSE, _NEAR = 90, 75
_RUNTIME_SHARE, _RUNTIME_MINUTES, _RUNTIME_CLOSE = 0.15, 10, 3


class TitleLevel(StrEnum):
    """How near two titles are, best first."""

    EXACT = "exact"
    CLOSE = "close"
    PART = "part"
    NEAR = "near"
    CONTAINED = "contained"
    UNLIKE = "unlike"


class YearLevel(StrEnum):
    """How near two years are; earlier and later are the entry's, against the film's."""

    SAME = "same"
    ONE = "one"
    TWO = "two"
    FEW = "few"
    FAR = "far"
    UNKNOWN = "unknown"


class RuntimeLevel(StrEnum):
    """How near two running times are."""

    CLOSE = "close"
    NEAR = "near"
    FAR = "far"
    UNKNOWN = "unknown"


class IdLevel(StrEnum):
    """Whether a number of the same scheme says the two are one work."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Clues:
    """The clues of one pair. `homonyms` counts the films of the base that bear the entry's title."""

    identifier: IdLevel
    title: TitleLevel
    numbers_differ: bool
    year: YearLevel
    directors: Agreement
    runtime: RuntimeLevel
    kinds_clash: bool
    one_word: bool
    homonyms: int

    def levels(self) -> dict[str, str]:
        """Each clue's level, as the model names them."""
        wording = "one_word" if self.one_word else "several_words"
        company = "alone" if self.homonyms <= 1 else "shared"
        return {
            "identifier": self.identifier,
            "title": self.title,
            "year": self.year,
            "directors": self.directors,
            "runtime": self.runtime,
            "wording": wording,
            "company": company,
            "kind": "clash" if self.kinds_clash else "compatible",
        }


LEVELS = {
    "identifier": frozenset(IdLevel),
    "title": frozenset(TitleLevel),
    "year": frozenset(YearLevel),
    "directors": frozenset(Agreement),
    "runtime": frozenset(RuntimeLevel),
    "kind": frozenset(("clash", "compatible")),
    "wording": frozenset(("one_word", "several_words")),
    "company": frozenset(("alone", "shared")),
}
"""Every clue a model may weigh, with its levels."""


def compare_titles(entry: Work, film: Work) -> tuple[TitleLevel, bool]:
    """The level of the nearest two titles, and whether the numbers in them differ."""
    if entry.exact & film.exact:
        return TitleLevel.EXACT, False
    pairs = ((fuzz.ratio(mine, yours), mine, yours) for mine in entry.keys for yours in film.keys)
    score, mine, yours = max(pairs, default=(0.0, "", ""))
    differ = numbers_of(mine) != numbers_of(yours)
    if score >= _CLOSE:
        return TitleLevel.CLOSE, differ
    if entry.exact & film.parts or entry.parts & film.exact:
        return TitleLevel.PART, differ
    if score >= _NEAR:
        return TitleLevel.NEAR, differ
    mine_words, yours_words = set(mine.split()), set(yours.split())
    contained = mine and yours and (mine_words <= yours_words or yours_words <= mine_words)
    return (TitleLevel.CONTAINED if contained else TitleLevel.UNLIKE), differ


def compare_years(entry: Work, film: Work) -> YearLevel:
    """The level of the nearest two years: a platform may give that of production or of release."""
    gaps = [abs(mine - yours) for mine in entry.years for yours in film.years]
    if not gaps:
        return YearLevel.UNKNOWN
    gap = min(gaps)
    near = {0: YearLevel.SAME, 1: YearLevel.ONE, 2: YearLevel.TWO}
    return near.get(gap, YearLevel.FEW if gap <= 5 else YearLevel.FAR)


def compare_runtimes(mine: int | None, yours: int | None) -> RuntimeLevel:
    """Close within three minutes; far beyond both 15 % and ten minutes."""
    if mine is None or yours is None:
        return RuntimeLevel.UNKNOWN
    gap = abs(mine - yours)
    if gap > _RUNTIME_MINUTES and gap > _RUNTIME_SHARE * max(mine, yours):
        return RuntimeLevel.FAR
    return RuntimeLevel.CLOSE if gap <= _RUNTIME_CLOSE else RuntimeLevel.NEAR


def compare_identifiers(entry: Work, film: Work) -> IdLevel:
    """Same as soon as one scheme agrees: a base or a platform may keep a dead number under another."""
    if entry.ids & film.ids:
        return IdLevel.SAME
    shared = {scheme for scheme, _ in entry.ids} & {scheme for scheme, _ in film.ids}
    return IdLevel.DIFFERENT if shared else IdLevel.UNKNOWN


def compare(entry: Work, film: Work, homonyms: int) -> Clues:
    """All the clues of a pair."""
    title, numbers_differ = compare_titles(entry, film)
    return Clues(
        identifier=compare_identifiers(entry, film),
        title=title,
        numbers_differ=numbers_differ,
        year=compare_years(entry, film),
        directors=compare_people(entry.people, film.people),
        runtime=compare_runtimes(entry.runtime_min, film.runtime_min),
        kinds_clash=entry.kind is not None and film.kind is not None and entry.kind is not film.kind,
        one_word=all(" " not in key for key in entry.keys),
        homonyms=homonyms,
    )
