"""Weigh an agreement by what surrounds it: how common the title is, how prolific the director, how well known the film."""

from typing import NamedTuple

from matcher.comparisons.levels import (
    AGREEING_TITLES,
    CLOSE_RUNTIMES,
    SHARED_COUNTRIES,
    CorroborationLevel,
    CountriesLevel,
    FilmographyLevel,
    PeopleLevel,
    PopularityLevel,
    RuntimeLevel,
    TitleFrequencyLevel,
    TitleLengthLevel,
    TitleLevel,
    YearLevel,
)

_MAX_SHARED_TITLES, _MAX_FEW_FILMS = 3, 4
_MIN_HIGH_POPULARITY, _MIN_MIDDLE_POPULARITY = 85, 50
_TITLE_LENGTH_LEVELS = (
    TitleLengthLevel.ONE_WORD,
    TitleLengthLevel.TWO_WORDS,
    TitleLengthLevel.FEW_WORDS,
    TitleLengthLevel.FEW_WORDS,
    TitleLengthLevel.MANY_WORDS,
)
_WEAK_TITLES = (TitleLevel.NEAR, TitleLevel.CONTAINED, TitleLevel.VAGUE, TitleLevel.UNLIKE)
_CORROBORATION_BY_FACT_COUNT = (
    CorroborationLevel.DIRECTOR,
    CorroborationLevel.DIRECTOR_AND_ONE,
    CorroborationLevel.DIRECTOR_AND_TWO,
    CorroborationLevel.DIRECTOR_AND_THREE,
)


class TermFrequencies(NamedTuple):
    """Count the films that have an entry's title, those by its directors, and those by its directors in its year.

    `rare_name_words` are the words of its directors' names that few films have.
    """

    same_title: int
    same_director: int
    same_director_and_year: int
    rare_name_words: frozenset[str] = frozenset()


def get_title_length_level(title: TitleLevel, key: str) -> TitleLengthLevel:
    """Return the length, in words, of a title that agrees."""
    if title not in AGREEING_TITLES:
        return TitleLengthLevel.UNEQUAL
    return _TITLE_LENGTH_LEVELS[min(key.count(" "), 4)]


def get_title_frequency_level(title: TitleLevel, same_title: int) -> TitleFrequencyLevel:
    """Return how common a title that agrees is, from the number of films that have it."""
    if title not in AGREEING_TITLES:
        return TitleFrequencyLevel.UNEQUAL
    if same_title <= 1:
        return TitleFrequencyLevel.ALONE
    return TitleFrequencyLevel.SHARED if same_title <= _MAX_SHARED_TITLES else TitleFrequencyLevel.CROWD


def get_filmography_level(directors: PeopleLevel, frequencies: TermFrequencies) -> FilmographyLevel:
    """Return how prolific a director that agrees is, above all in the entry's year."""
    if directors is not PeopleLevel.SAME:
        return FilmographyLevel.UNKNOWN
    if frequencies.same_director_and_year > 1:
        return FilmographyLevel.BUSY
    if frequencies.same_director <= 1:
        return FilmographyLevel.ONE
    return FilmographyLevel.FEW if frequencies.same_director <= _MAX_FEW_FILMS else FilmographyLevel.MANY


def get_popularity_level(title: TitleLevel, popularity: float | None) -> PopularityLevel:
    """Return how well known a film of an agreeing title is, from its popularity (0 to 100)."""
    if popularity is None or title not in AGREEING_TITLES:
        return PopularityLevel.UNKNOWN
    if popularity >= _MIN_HIGH_POPULARITY:
        return PopularityLevel.HIGH
    return PopularityLevel.MIDDLE if popularity >= _MIN_MIDDLE_POPULARITY else PopularityLevel.LOW


def get_corroboration_level(
    title: TitleLevel, directors: PeopleLevel, year: YearLevel, runtime: RuntimeLevel, countries: CountriesLevel
) -> CorroborationLevel:
    """Return what confirms a weak title: the director, then the year, the running time and the country."""
    if title not in _WEAK_TITLES:
        return CorroborationLevel.NEEDLESS
    if directors is not PeopleLevel.SAME:
        return CorroborationLevel.NOBODY
    facts = (year is YearLevel.SAME, runtime in CLOSE_RUNTIMES, countries in SHARED_COUNTRIES)
    return _CORROBORATION_BY_FACT_COUNT[sum(facts)]
