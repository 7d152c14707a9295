"""What an entry and a film have in common, clue by clue, each at one of a few levels."""

from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import fuzz

from domain.common.enums import Kind
from matcher.comparison_levels import (
    CorroborationLevel,
    FilmLengthLevel,
    FilmographyLevel,
    FirstWordLevel,
    IdentifierLevel,
    KindLevel,
    PopularityLevel,
    ReleaseYearLevel,
    RuntimeLevel,
    TitleFrequencyLevel,
    TitleLengthLevel,
    TitleLevel,
    WordsLevel,
    YearLevel,
)
from matcher.countries import CountriesLevel, compare_countries
from matcher.numbers import NumbersLevel, compare_numbers
from matcher.people import PeopleLevel, compare_people
from matcher.work import Work

_MIN_SPELLING_RATIO, _MIN_CLOSE_RATIO, _MIN_NEAR_RATIO, _MIN_VAGUE_RATIO = 94, 88, 75, 60
_MAX_SHORT_WORD_LENGTH = 3
_RUNTIME_GAP_RATIO, _RUNTIME_GAP_MINUTES, _CLOSE_RUNTIME_MINUTES = 0.15, 10, 4
_MIN_FEATURE_MINUTES = 45
_MIN_HIGH_POPULARITY, _MIN_MIDDLE_POPULARITY = 85, 50


class ComparisonVector(NamedTuple):
    """The clues of one pair, each at its level."""

    identifier: IdentifierLevel
    title: TitleLevel
    words: WordsLevel
    beginning: FirstWordLevel
    numbers: NumbersLevel
    year: YearLevel
    release: ReleaseYearLevel
    directors: PeopleLevel
    runtime: RuntimeLevel
    length: FilmLengthLevel
    countries: CountriesLevel
    kind: KindLevel
    wording: TitleLengthLevel
    company: TitleFrequencyLevel
    filmography: FilmographyLevel
    fame: PopularityLevel
    backing: CorroborationLevel


COMPARISON_LEVELS: dict[str, type[StrEnum]] = dict(ComparisonVector.__annotations__)
"""Every clue a model may weigh, with its levels."""
NEUTRAL_LEVELS = frozenset(("unknown", "unequal", "needless", "equal"))
"""Levels that tell nothing, and so weigh nothing: what is unknown is no evidence."""


class TermFrequencies(NamedTuple):
    """What the base holds around an entry: films that bear its title, films that its directors made, those of its year."""

    same_title: int
    same_director: int
    same_director_and_year: int


def compare_titles(entry: Work, film: Work) -> tuple[TitleLevel, str, str]:
    """The level of the nearest two titles, and these two in comparable form."""
    if not frozenset(film.exact_keys).isdisjoint(entry.exact_keys):
        return TitleLevel.EXACT, entry.title_keys[0], entry.title_keys[0]
    score, mine, yours = _find_closest_titles(entry.title_keys, film.title_keys)
    return _get_title_level(entry, film, score, mine, yours), mine, yours


def _find_closest_titles(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[float, str, str]:
    return max(((fuzz.ratio(mine, yours), mine, yours) for mine in left for yours in right), default=(0.0, "", ""))


def _are_sibling_titles(entry: Work, film: Work) -> bool:
    """« Trois couleurs : Bleu » and « Trois couleurs : Blanc »: they begin alike and end otherwise."""
    if len(entry.part_keys) < 2 or len(film.part_keys) < 2:
        return False
    return (
        entry.part_keys[0] in film.part_keys
        and entry.part_keys[-1] not in film.part_keys
        and film.part_keys[-1] not in entry.part_keys
    )


def _get_title_level(entry: Work, film: Work, score: float, mine: str, yours: str) -> TitleLevel:
    if score < 100 and _are_sibling_titles(entry, film):
        return TitleLevel.SISTER
    if score >= _MIN_CLOSE_RATIO:
        return TitleLevel.SPELLING if score >= _MIN_SPELLING_RATIO else TitleLevel.CLOSE
    if any(key in film.part_keys for key in entry.exact_keys) or any(key in entry.part_keys for key in film.exact_keys):
        return TitleLevel.PART
    if score >= _MIN_NEAR_RATIO:
        return TitleLevel.NEAR
    if mine and yours and (_contains_all_words(mine, yours) or _contains_all_words(yours, mine)):
        return TitleLevel.CONTAINED
    return TitleLevel.VAGUE if score >= _MIN_VAGUE_RATIO else TitleLevel.UNLIKE


def _contains_all_words(short: str, long: str) -> bool:
    words = long.split()
    return all(word in words for word in short.split())


def compare_words(mine: str, yours: str) -> WordsLevel:
    """Most when half the longer title's words stand in the other; words of three letters or less tell nothing."""
    if mine == yours:
        return WordsLevel.EQUAL
    left = {word for word in mine.split() if len(word) > _MAX_SHORT_WORD_LENGTH}
    right = {word for word in yours.split() if len(word) > _MAX_SHORT_WORD_LENGTH}
    shared = len(left & right)
    if not shared:
        return WordsLevel.NONE
    return WordsLevel.MOST if 2 * shared >= max(len(left), len(right)) else WordsLevel.SOME


def compare_first_words(mine: str, yours: str) -> FirstWordLevel:
    """Whether two unequal titles begin with the same word."""
    if mine == yours:
        return FirstWordLevel.EQUAL
    return FirstWordLevel.SAME if mine.split(" ", 1)[0] == yours.split(" ", 1)[0] else FirstWordLevel.OTHER


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


def compare_release_years(entry: Work, film: Work) -> ReleaseYearLevel:
    """Whether the entry's year is that of production or only that of the French release."""
    if not entry.year or not film.year or not film.release_year:
        return ReleaseYearLevel.UNKNOWN
    if entry.year == film.year:
        return ReleaseYearLevel.PRODUCTION
    return ReleaseYearLevel.RELEASE if entry.year == film.release_year else ReleaseYearLevel.NEITHER


def compare_runtimes(mine: int | None, yours: int | None) -> RuntimeLevel:
    """Same within a minute, close within four; far beyond both 15 % and ten minutes."""
    if mine is None or yours is None:
        return RuntimeLevel.UNKNOWN
    gap = abs(mine - yours)
    if gap > _RUNTIME_GAP_MINUTES and gap > _RUNTIME_GAP_RATIO * max(mine, yours):
        return RuntimeLevel.FAR
    if gap <= 1:
        return RuntimeLevel.SAME
    return RuntimeLevel.CLOSE if gap <= _CLOSE_RUNTIME_MINUTES else RuntimeLevel.NEAR


def compare_lengths(mine: int | None, yours: int | None) -> FilmLengthLevel:
    """Whether both are short films, both features, or one of each."""
    if mine is None:
        return FilmLengthLevel.UNKNOWN
    if yours is None:
        return FilmLengthLevel.SHORT if mine < _MIN_FEATURE_MINUTES else FilmLengthLevel.UNKNOWN
    return FilmLengthLevel.SAME if (mine < _MIN_FEATURE_MINUTES) == (yours < _MIN_FEATURE_MINUTES) else FilmLengthLevel.OTHER


def compare_identifiers(entry: Work, film: Work) -> IdentifierLevel:
    """Same as soon as one scheme agrees: a base or a platform may keep a dead number under another."""
    if not entry.ids or not film.ids:
        return IdentifierLevel.UNKNOWN
    if any(number in film.ids for number in entry.ids):
        return IdentifierLevel.SAME
    schemes = {number.partition(":")[0] for number in film.ids}
    return (
        IdentifierLevel.DIFFERENT if any(number.partition(":")[0] in schemes for number in entry.ids) else IdentifierLevel.UNKNOWN
    )


def compare_kinds(entry: Work, film: Work) -> KindLevel:
    """Whether natures agree; many bases call every work a film, so that a short film clashes with nothing but a series."""
    if entry.kind is None or film.kind is None:
        return KindLevel.UNKNOWN
    if {entry.kind, film.kind} == {Kind.FILM, Kind.SHORT}:
        return KindLevel.UNKNOWN
    if entry.kind is film.kind:
        return KindLevel.SAME
    return KindLevel.CLASH


def get_title_length_level(title: TitleLevel, key: str) -> TitleLengthLevel:
    """What a title that agrees is worth by its length."""
    if title not in _AGREEING_TITLES:
        return TitleLengthLevel.UNEQUAL
    return _TITLE_LENGTH_LEVELS[min(key.count(" "), 4)]


def get_title_frequency_level(title: TitleLevel, same_title: int) -> TitleFrequencyLevel:
    """How many films of the base bear the title that agrees."""
    if title not in _AGREEING_TITLES:
        return TitleFrequencyLevel.UNEQUAL
    return (
        TitleFrequencyLevel.ALONE
        if same_title < 2
        else TitleFrequencyLevel.SHARED
        if same_title <= 3
        else TitleFrequencyLevel.CROWD
    )


def get_filmography_level(directors: PeopleLevel, frequencies: TermFrequencies) -> FilmographyLevel:
    """How prolific a director that agrees is, above all in the entry's year."""
    if directors is not PeopleLevel.SAME:
        return FilmographyLevel.UNKNOWN
    if frequencies.same_director_and_year > 1:
        return FilmographyLevel.BUSY
    made = frequencies.same_director
    return FilmographyLevel.ONE if made <= 1 else FilmographyLevel.FEW if made <= 4 else FilmographyLevel.MANY


def get_popularity_level(popularity: float | None) -> PopularityLevel:
    """How well known the film is, from a rank of 0 to 100."""
    if popularity is None:
        return PopularityLevel.UNKNOWN
    return (
        PopularityLevel.HIGH
        if popularity >= _MIN_HIGH_POPULARITY
        else PopularityLevel.MIDDLE
        if popularity >= _MIN_MIDDLE_POPULARITY
        else PopularityLevel.LOW
    )


_AGREEING_TITLES = (TitleLevel.EXACT, TitleLevel.SPELLING)
_TITLE_LENGTH_LEVELS = (
    TitleLengthLevel.ONE_WORD,
    TitleLengthLevel.TWO_WORDS,
    TitleLengthLevel.FEW_WORDS,
    TitleLengthLevel.FEW_WORDS,
    TitleLengthLevel.MANY_WORDS,
)
_WEAK_TITLES = (TitleLevel.NEAR, TitleLevel.CONTAINED, TitleLevel.VAGUE, TitleLevel.UNLIKE)
_SHARED_COUNTRIES = (CountriesLevel.SAME, CountriesLevel.RARE)
_CORROBORATION_BY_COUNT = (
    CorroborationLevel.DIRECTOR,
    CorroborationLevel.DIRECTOR_AND_ONE,
    CorroborationLevel.DIRECTOR_AND_TWO,
    CorroborationLevel.DIRECTOR_AND_THREE,
)


def get_corroboration_level(
    title: TitleLevel, directors: PeopleLevel, year: YearLevel, runtime: RuntimeLevel, countries: CountriesLevel
) -> CorroborationLevel:
    """What stands behind a weak title."""
    if title not in _WEAK_TITLES:
        return CorroborationLevel.NEEDLESS
    if directors is not PeopleLevel.SAME:
        return CorroborationLevel.NOBODY
    close = runtime in (RuntimeLevel.SAME, RuntimeLevel.CLOSE)
    return _CORROBORATION_BY_COUNT[(year is YearLevel.SAME) + close + (countries in _SHARED_COUNTRIES)]


def compare_pair(entry: Work, film: Work, frequencies: TermFrequencies) -> ComparisonVector:
    """All the clues of a pair."""
    title, mine, yours = compare_titles(entry, film)
    year, directors = compare_years(entry, film), compare_people(entry.people, film.people)
    runtime = compare_runtimes(entry.runtime_min, film.runtime_min)
    countries = compare_countries(entry.countries, film.countries)
    return ComparisonVector(
        identifier=compare_identifiers(entry, film),
        title=title,
        words=compare_words(mine, yours),
        beginning=compare_first_words(mine, yours),
        numbers=NumbersLevel.NONE if title is TitleLevel.UNLIKE else compare_numbers(mine, yours),
        year=year,
        release=compare_release_years(entry, film),
        directors=directors,
        runtime=runtime,
        length=compare_lengths(entry.runtime_min, film.runtime_min),
        countries=countries,
        kind=compare_kinds(entry, film),
        wording=get_title_length_level(title, mine),
        company=get_title_frequency_level(title, frequencies.same_title),
        filmography=get_filmography_level(directors, frequencies),
        fame=get_popularity_level(film.popularity),
        backing=get_corroboration_level(title, directors, year, runtime, countries),
    )
