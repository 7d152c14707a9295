"""What an entry and a film have in common, clue by clue, each at one of a few levels."""

from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import fuzz

from domain.common.enums import Kind
from matcher.comparison_levels import (
    Backing,
    Beginning,
    Company,
    Fame,
    Filmography,
    IdLevel,
    KindLevel,
    Length,
    Release,
    RuntimeLevel,
    TitleLevel,
    Wording,
    WordsLevel,
    YearLevel,
)
from matcher.countries import Shared, compare_countries
from matcher.numbers import Numbering, compare_numbers
from matcher.people import Agreement, compare_people
from matcher.work import Work

_SPELLING, _CLOSE, _NEAR, _VAGUE = 94, 88, 75, 60
_LONG_WORD = 3
_RUNTIME_SHARE, _RUNTIME_MINUTES, _RUNTIME_CLOSE = 0.15, 10, 4
_SHORT_FILM = 45
_WELL_KNOWN, _KNOWN = 85, 50


class Clues(NamedTuple):
    """The clues of one pair, each at its level."""

    identifier: IdLevel
    title: TitleLevel
    words: WordsLevel
    beginning: Beginning
    numbers: Numbering
    year: YearLevel
    release: Release
    directors: Agreement
    runtime: RuntimeLevel
    length: Length
    countries: Shared
    kind: KindLevel
    wording: Wording
    company: Company
    filmography: Filmography
    fame: Fame
    backing: Backing


LEVELS: dict[str, type[StrEnum]] = dict(Clues.__annotations__)
"""Every clue a model may weigh, with its levels."""
SILENT = frozenset(("unknown", "unequal", "needless", "equal"))
"""Levels that tell nothing, and so weigh nothing: what is unknown is no evidence."""


class Surroundings(NamedTuple):
    """What the base holds around an entry: films that bear its title, films that its directors made, those of its year."""

    homonyms: int
    filmography: int
    that_year: int


def compare_titles(entry: Work, film: Work) -> tuple[TitleLevel, str, str]:
    """The level of the nearest two titles, and these two in comparable form."""
    if not frozenset(film.exact).isdisjoint(entry.exact):
        return TitleLevel.EXACT, entry.keys[0], entry.keys[0]
    score, mine, yours = _nearest(entry.keys, film.keys)
    return _title_level(entry, film, score, mine, yours), mine, yours


def _nearest(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[float, str, str]:
    return max(((fuzz.ratio(mine, yours), mine, yours) for mine in left for yours in right), default=(0.0, "", ""))


def _are_sisters(entry: Work, film: Work) -> bool:
    """« Trois couleurs : Bleu » and « Trois couleurs : Blanc »: they begin alike and end otherwise."""
    if len(entry.parts) < 2 or len(film.parts) < 2:
        return False
    return entry.parts[0] in film.parts and entry.parts[-1] not in film.parts and film.parts[-1] not in entry.parts


def _title_level(entry: Work, film: Work, score: float, mine: str, yours: str) -> TitleLevel:
    if score < 100 and _are_sisters(entry, film):
        return TitleLevel.SISTER
    if score >= _CLOSE:
        return TitleLevel.SPELLING if score >= _SPELLING else TitleLevel.CLOSE
    if any(key in film.parts for key in entry.exact) or any(key in entry.parts for key in film.exact):
        return TitleLevel.PART
    if score >= _NEAR:
        return TitleLevel.NEAR
    if mine and yours and (_within(mine, yours) or _within(yours, mine)):
        return TitleLevel.CONTAINED
    return TitleLevel.VAGUE if score >= _VAGUE else TitleLevel.UNLIKE


def _within(short: str, long: str) -> bool:
    words = long.split()
    return all(word in words for word in short.split())


def compare_words(mine: str, yours: str) -> WordsLevel:
    """Most when half the longer title's words stand in the other; words of three letters or less tell nothing."""
    if mine == yours:
        return WordsLevel.EQUAL
    left = {word for word in mine.split() if len(word) > _LONG_WORD}
    right = {word for word in yours.split() if len(word) > _LONG_WORD}
    shared = len(left & right)
    if not shared:
        return WordsLevel.NONE
    return WordsLevel.MOST if 2 * shared >= max(len(left), len(right)) else WordsLevel.SOME


def compare_beginnings(mine: str, yours: str) -> Beginning:
    """Whether two unequal titles begin with the same word."""
    if mine == yours:
        return Beginning.EQUAL
    return Beginning.SAME if mine.split(" ", 1)[0] == yours.split(" ", 1)[0] else Beginning.OTHER


def compare_years(entry: Work, film: Work) -> YearLevel:
    """The level of the nearest two years: a platform may give that of production or of release."""
    gaps = [mine - yours for mine in entry.years for yours in film.years]
    if not gaps:
        return YearLevel.UNKNOWN
    gap = min(gaps, key=abs)
    if abs(gap) == 1:
        return YearLevel.LATER if gap > 0 else YearLevel.EARLIER
    near = {0: YearLevel.SAME, 2: YearLevel.TWO}
    return near.get(abs(gap), YearLevel.FEW if abs(gap) <= 5 else YearLevel.FAR)


def compare_release(entry: Work, film: Work) -> Release:
    """Whether the entry's year is that of production or only that of the French release."""
    if not entry.year or not film.year or not film.release_year:
        return Release.UNKNOWN
    if entry.year == film.year:
        return Release.PRODUCTION
    return Release.RELEASE if entry.year == film.release_year else Release.NEITHER


def compare_runtimes(mine: int | None, yours: int | None) -> RuntimeLevel:
    """Same within a minute, close within four; far beyond both 15 % and ten minutes."""
    if mine is None or yours is None:
        return RuntimeLevel.UNKNOWN
    gap = abs(mine - yours)
    if gap > _RUNTIME_MINUTES and gap > _RUNTIME_SHARE * max(mine, yours):
        return RuntimeLevel.FAR
    if gap <= 1:
        return RuntimeLevel.SAME
    return RuntimeLevel.CLOSE if gap <= _RUNTIME_CLOSE else RuntimeLevel.NEAR


def compare_lengths(mine: int | None, yours: int | None) -> Length:
    """Whether both are short films, both features, or one of each."""
    if mine is None:
        return Length.UNKNOWN
    if yours is None:
        return Length.SHORT if mine < _SHORT_FILM else Length.UNKNOWN
    return Length.SAME if (mine < _SHORT_FILM) == (yours < _SHORT_FILM) else Length.OTHER


def compare_identifiers(entry: Work, film: Work) -> IdLevel:
    """Same as soon as one scheme agrees: a base or a platform may keep a dead number under another."""
    if not entry.ids or not film.ids:
        return IdLevel.UNKNOWN
    if any(number in film.ids for number in entry.ids):
        return IdLevel.SAME
    schemes = {number.partition(":")[0] for number in film.ids}
    return IdLevel.DIFFERENT if any(number.partition(":")[0] in schemes for number in entry.ids) else IdLevel.UNKNOWN


def compare_kinds(entry: Work, film: Work) -> KindLevel:
    """Whether natures agree; many bases call every work a film, so that a short film clashes with nothing but a series."""
    if entry.kind is None or film.kind is None:
        return KindLevel.UNKNOWN
    if {entry.kind, film.kind} == {Kind.FILM, Kind.SHORT}:
        return KindLevel.UNKNOWN
    if entry.kind is film.kind:
        return KindLevel.SAME
    return KindLevel.CLASH


def tell_wording(title: TitleLevel, key: str) -> Wording:
    """What a title that agrees is worth by its length."""
    if title not in _EQUAL:
        return Wording.UNEQUAL
    return _WORDINGS[min(key.count(" "), 4)]


def tell_company(title: TitleLevel, homonyms: int) -> Company:
    """How many films of the base bear the title that agrees."""
    if title not in _EQUAL:
        return Company.UNEQUAL
    return Company.ALONE if homonyms < 2 else Company.SHARED if homonyms <= 3 else Company.CROWD


def tell_filmography(directors: Agreement, around: Surroundings) -> Filmography:
    """How prolific a director that agrees is, above all in the entry's year."""
    if directors is not Agreement.SAME:
        return Filmography.UNKNOWN
    if around.that_year > 1:
        return Filmography.BUSY
    made = around.filmography
    return Filmography.ONE if made <= 1 else Filmography.FEW if made <= 4 else Filmography.MANY


def tell_fame(popularity: float | None) -> Fame:
    """How well known the film is, from a rank of 0 to 100."""
    if popularity is None:
        return Fame.UNKNOWN
    return Fame.HIGH if popularity >= _WELL_KNOWN else Fame.MIDDLE if popularity >= _KNOWN else Fame.LOW


_EQUAL = (TitleLevel.EXACT, TitleLevel.SPELLING)
_WORDINGS = (Wording.ONE_WORD, Wording.TWO_WORDS, Wording.FEW_WORDS, Wording.FEW_WORDS, Wording.MANY_WORDS)
_WEAK = (TitleLevel.NEAR, TitleLevel.CONTAINED, TitleLevel.VAGUE, TitleLevel.UNLIKE)
_SHARED = (Shared.SAME, Shared.RARE)
_BACKED = (Backing.DIRECTOR, Backing.DIRECTOR_AND_ONE, Backing.DIRECTOR_AND_TWO, Backing.DIRECTOR_AND_THREE)


def tell_backing(title: TitleLevel, directors: Agreement, year: YearLevel, runtime: RuntimeLevel, countries: Shared) -> Backing:
    """What stands behind a weak title."""
    if title not in _WEAK:
        return Backing.NEEDLESS
    if directors is not Agreement.SAME:
        return Backing.NOBODY
    close = runtime in (RuntimeLevel.SAME, RuntimeLevel.CLOSE)
    return _BACKED[(year is YearLevel.SAME) + close + (countries in _SHARED)]


def compare(entry: Work, film: Work, around: Surroundings) -> Clues:
    """All the clues of a pair."""
    title, mine, yours = compare_titles(entry, film)
    year, directors = compare_years(entry, film), compare_people(entry.people, film.people)
    runtime = compare_runtimes(entry.runtime_min, film.runtime_min)
    countries = compare_countries(entry.countries, film.countries)
    return Clues(
        identifier=compare_identifiers(entry, film),
        title=title,
        words=compare_words(mine, yours),
        beginning=compare_beginnings(mine, yours),
        numbers=Numbering.NONE if title is TitleLevel.UNLIKE else compare_numbers(mine, yours),
        year=year,
        release=compare_release(entry, film),
        directors=directors,
        runtime=runtime,
        length=compare_lengths(entry.runtime_min, film.runtime_min),
        countries=countries,
        kind=compare_kinds(entry, film),
        wording=tell_wording(title, mine),
        company=tell_company(title, around.homonyms),
        filmography=tell_filmography(directors, around),
        fame=tell_fame(film.popularity),
        backing=tell_backing(title, directors, year, runtime, countries),
    )
