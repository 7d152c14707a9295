"""Compare an entry and a film on everything that a model may weigh."""

from enum import StrEnum
from typing import NamedTuple

from matcher.comparisons.context import (
    TermFrequencies,
    get_corroboration_level,
    get_filmography_level,
    get_popularity_level,
    get_title_frequency_level,
    get_title_length_level,
)
from matcher.comparisons.countries import compare_countries
from matcher.comparisons.facts import (
    compare_kinds,
    compare_lengths,
    compare_release_years,
    compare_runtimes,
    compare_years,
)
from matcher.comparisons.identifiers import compare_identifiers
from matcher.comparisons.levels import (
    CorroborationLevel,
    CountriesLevel,
    FilmLengthLevel,
    FilmographyLevel,
    FirstWordLevel,
    IdentifierLevel,
    KindLevel,
    NumbersLevel,
    PeopleLevel,
    PopularityLevel,
    ReleaseYearLevel,
    RuntimeLevel,
    TitleFrequencyLevel,
    TitleLengthLevel,
    TitleLevel,
    TitleSourceLevel,
    WordsLevel,
    YearLevel,
)
from matcher.comparisons.numbers import compare_numbers
from matcher.comparisons.people import compare_people
from matcher.comparisons.titles import compare_first_words, compare_title_sources, compare_titles, compare_words
from matcher.work import Work


class ComparisonVector(NamedTuple):
    """The level of each comparison of a pair; a model file names its weights after these fields."""

    identifier: IdentifierLevel
    title: TitleLevel
    naming: TitleSourceLevel
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
"""Every comparison that a model may weigh, with its levels."""


def compare_pair(entry: Work, film: Work, frequencies: TermFrequencies) -> ComparisonVector:
    """Compare an entry and a film; `frequencies` are those of the entry among all films."""
    title, entry_key, film_key = compare_titles(entry, film)
    year = compare_years(entry, film)
    directors = compare_people(entry.people, film.people, frequencies.rare_name_words)
    runtime = compare_runtimes(entry.runtime_min, film.runtime_min)
    countries = compare_countries(entry.countries, film.countries)
    return ComparisonVector(
        identifier=compare_identifiers(entry, film),
        title=title,
        naming=compare_title_sources(title, entry, film),
        words=compare_words(entry_key, film_key),
        beginning=compare_first_words(entry_key, film_key),
        numbers=NumbersLevel.NONE if title is TitleLevel.UNLIKE else compare_numbers(entry_key, film_key),
        year=year,
        release=compare_release_years(entry, film),
        directors=directors,
        runtime=runtime,
        length=compare_lengths(entry.runtime_min, film.runtime_min),
        countries=countries,
        kind=compare_kinds(entry, film),
        wording=get_title_length_level(title, entry_key),
        company=get_title_frequency_level(title, frequencies.same_title),
        filmography=get_filmography_level(directors, frequencies),
        fame=get_popularity_level(title, film.popularity),
        backing=get_corroboration_level(title, directors, year, runtime, countries),
    )
