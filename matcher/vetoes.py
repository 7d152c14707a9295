"""Define the vetoes: what of a pair sends its link to a person, whatever its probability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.common.enums import ReasonCode
from matcher.comparisons.levels import (
    AGREEING_PEOPLE,
    AGREEING_TITLES,
    CLOSE_RUNTIMES,
    CLOSE_YEARS,
    EQUAL_TITLES,
    SHARED_COUNTRIES,
    CountriesLevel,
    FilmLengthLevel,
    FilmographyLevel,
    IdentifierLevel,
    KindLevel,
    NumbersLevel,
    PeopleLevel,
    RuntimeLevel,
    TitleFrequencyLevel,
    TitleLengthLevel,
    TitleLevel,
    YearLevel,
)
from matcher.comparisons.pair import ComparisonVector
from matcher.work import Work

ReasonParams = dict[str, Any]
DISTANT_YEARS = (YearLevel.FEW, YearLevel.FAR)
_STRONG_TITLES = (*AGREEING_TITLES, TitleLevel.CLOSE)
_DISSIMILAR_TITLES = (TitleLevel.VAGUE, TitleLevel.UNLIKE)


def describe_work(work: Work) -> ReasonParams:
    """Return what tells a work in a reason: its id, title and year."""
    return {"id": work.id, "title": work.title, "year": work.year}


def _get_no_params(entry: Work, film: Work) -> ReasonParams:
    return {}


def _get_works(entry: Work, film: Work) -> ReasonParams:
    return {"entry_work": describe_work(entry), "film_work": describe_work(film)}


def _get_titles(entry: Work, film: Work) -> ReasonParams:
    return {"entry_title": entry.title, "film_title": film.title}


def _get_years(entry: Work, film: Work) -> ReasonParams:
    return {"entry_year": entry.year or entry.release_year, "film_year": film.year or film.release_year}


def _get_titles_and_years(entry: Work, film: Work) -> ReasonParams:
    return _get_titles(entry, film) | _get_years(entry, film)


def _get_directors(entry: Work, film: Work) -> ReasonParams:
    return {"entry_directors": list(entry.directors[:2]), "film_directors": list(film.directors[:2])}


def _get_runtimes(entry: Work, film: Work) -> ReasonParams:
    return {"entry_minutes": entry.runtime_min, "film_minutes": film.runtime_min}


def _get_kinds(entry: Work, film: Work) -> ReasonParams:
    return {"entry_kind": entry.kind, "film_kind": film.kind}


def _is_identifier_contradicted(vector: ComparisonVector) -> bool:
    """Return whether two comparisons contradict an identifier, or the years of a remake do: an identifier may be wrong."""
    against = (
        vector.title in (*_DISSIMILAR_TITLES, TitleLevel.CONTAINED),
        vector.year in DISTANT_YEARS,
        vector.directors in (PeopleLevel.DISJOINT, PeopleLevel.SIMILAR, PeopleLevel.NAMESAKE),
        vector.runtime is RuntimeLevel.FAR,
    )
    return sum(against) > 1 or (vector.year is YearLevel.FAR and vector.directors is not PeopleLevel.SAME)


def _do_runtimes_differ(vector: ComparisonVector) -> bool:
    """Return whether running times make two films of a pair of different titles, of two series, or of a title of one word.

    Five minutes are enough: the same people may have made both films in one year, and many films share a title of one word.
    """
    if vector.runtime not in (RuntimeLevel.NEAR, RuntimeLevel.FAR):
        return False
    is_common = vector.wording is TitleLengthLevel.ONE_WORD and vector.directors not in AGREEING_PEOPLE
    is_identified = _is_title_of_year(vector) and vector.countries is CountriesLevel.RARE
    return vector.title not in EQUAL_TITLES or vector.kind is KindLevel.SERIES or (is_common and not is_identified)


def _do_runtimes_of_one_title_differ(vector: ComparisonVector) -> bool:
    """Return whether running times make homonyms of a pair, and the title and year do not say otherwise.

    Catalogues are often wrong on running times, or list another version: the same title in the same year is the same film,
    unless one is a short film.
    """
    if vector.length is FilmLengthLevel.OTHER:
        return True
    return vector.title in EQUAL_TITLES and vector.runtime is RuntimeLevel.FAR and not _is_title_of_year(vector)


def _is_title_of_year(vector: ComparisonVector) -> bool:
    """Return whether the title is the film's to the letter, and the year is its own."""
    return vector.title is TitleLevel.LETTER and vector.year is YearLevel.SAME


def _are_years_apart(vector: ComparisonVector) -> bool:
    """Return whether years make two films of a pair; for one director, who may remake a film, they must be far apart.

    A few years are enough when the running times differ too.
    """
    if vector.directors is not PeopleLevel.SAME:
        return vector.year in DISTANT_YEARS
    return vector.year is YearLevel.FAR or (vector.year is YearLevel.FEW and vector.runtime is RuntimeLevel.NEAR)


def _may_be_sequel(vector: ComparisonVector) -> bool:
    """Return whether another title and another year may be a sequel, an instalment or the next work of the same people."""
    if vector.title in AGREEING_TITLES or vector.year is YearLevel.UNKNOWN:
        return False
    return vector.year not in (CLOSE_YEARS if vector.title in _STRONG_TITLES else (YearLevel.SAME,))


def _is_title_unconfirmed(vector: ComparisonVector) -> bool:
    """Return whether nothing confirms the title: without a director, a year or a running time must.

    A title of one word needs the same year, or both. A director who only shares a rare name word, or has a similar name, may
    be the film's when no other film has that title.
    """
    if vector.directors in (PeopleLevel.SIMILAR, PeopleLevel.NAMESAKE):
        return vector.title not in EQUAL_TITLES or vector.company is not TitleFrequencyLevel.ALONE
    if vector.directors is not PeopleLevel.UNKNOWN:
        return False
    same_time = vector.runtime in CLOSE_RUNTIMES and vector.year not in DISTANT_YEARS
    if vector.wording is TitleLengthLevel.ONE_WORD:
        return not (vector.year is YearLevel.SAME or (same_time and vector.year is not YearLevel.UNKNOWN))
    return not (vector.year in CLOSE_YEARS or same_time)


def _is_title_rare(vector: ComparisonVector) -> bool:
    """Return whether a title of several words is one film's only, to the letter."""
    is_long = vector.wording in (TitleLengthLevel.FEW_WORDS, TitleLengthLevel.MANY_WORDS)
    return vector.title is TitleLevel.LETTER and vector.company is TitleFrequencyLevel.ALONE and is_long


def _has_title_only(vector: ComparisonVector) -> bool:
    """Return whether nothing confirms a title that other films may have."""
    return _is_title_unconfirmed(vector) and not _is_title_rare(vector)


def _has_rare_title_only(vector: ComparisonVector) -> bool:
    """Return whether nothing confirms a title that is one film's only."""
    return _is_title_unconfirmed(vector) and _is_title_rare(vector)


def _differs_by_article(vector: ComparisonVector) -> bool:
    """Return whether only the article makes two titles unequal, and neither the year nor the director makes the film sure.

    « The X » and « X » of two years are rarely one film.
    """
    if vector.title is not TitleLevel.ARTICLE or vector.directors in AGREEING_PEOPLE:
        return False
    return vector.year is not YearLevel.SAME and vector.runtime not in CLOSE_RUNTIMES


def _has_similar_title_only(vector: ComparisonVector) -> bool:
    """Return whether neither a director, nor both the year and the running time, confirm a title that is only similar."""
    if vector.title in _STRONG_TITLES or vector.directors in AGREEING_PEOPLE:
        return False
    return not (vector.year is YearLevel.SAME and vector.runtime is RuntimeLevel.SAME and vector.title not in _DISSIMILAR_TITLES)


def _is_uncorroborated(vector: ComparisonVector) -> bool:
    """Return whether too little confirms a title unlike the film's: it takes the director, the year, and a third fact."""
    third = vector.runtime in CLOSE_RUNTIMES or vector.countries in SHARED_COUNTRIES
    is_borne = vector.directors is PeopleLevel.SAME and vector.year is YearLevel.SAME and third
    return vector.title is TitleLevel.UNLIKE and not is_borne


def _is_weakly_corroborated(vector: ComparisonVector) -> bool:
    """Return whether what confirms a title unlike the film's may be true of another film of the director.

    He has several that year, or the third fact is only a country that many films come from.
    """
    third = vector.runtime in CLOSE_RUNTIMES or vector.countries is CountriesLevel.RARE
    return vector.title is TitleLevel.UNLIKE and (vector.filmography is FilmographyLevel.BUSY or not third)


@dataclass(frozen=True, slots=True)
class Veto:
    """Represent a reason to ask a person: the word for the doubt, the code, when it applies, and what it bears on.

    It yields to a film whose probability reaches both the strict band and `min_probability`; without one, never.
    """

    doubt: str
    code: ReasonCode
    applies: Callable[[ComparisonVector], bool]
    get_params: Callable[[Work, Work], ReasonParams] = _get_no_params
    min_probability: float | None = None


def _do_identifiers_differ(vector: ComparisonVector) -> bool:
    return vector.identifier is IdentifierLevel.DIFFERENT


def _do_directors_differ(vector: ComparisonVector) -> bool:
    return vector.directors is PeopleLevel.DISJOINT


def _is_other_object(vector: ComparisonVector) -> bool:
    return vector.numbers is NumbersLevel.OBJECT


def _do_facts_agree(vector: ComparisonVector) -> bool:
    """Return whether the director, the year and the running time, to the minute, are the film's: rarely so of two instalments."""
    return vector.directors is PeopleLevel.SAME and vector.year is YearLevel.SAME and vector.runtime is RuntimeLevel.SAME


def _is_other_subtitle(vector: ComparisonVector) -> bool:
    return vector.title is TitleLevel.SISTER and not _do_facts_agree(vector)


def _is_other_subtitle_only(vector: ComparisonVector) -> bool:
    return vector.title is TitleLevel.SISTER and _do_facts_agree(vector)


def _do_numbers_differ(vector: ComparisonVector) -> bool:
    return vector.numbers in (NumbersLevel.MORE, NumbersLevel.DIFFERENT) and not _do_facts_agree(vector)


def _do_only_numbers_differ(vector: ComparisonVector) -> bool:
    return vector.numbers in (NumbersLevel.MORE, NumbersLevel.DIFFERENT) and _do_facts_agree(vector)


def _do_kinds_differ(vector: ComparisonVector) -> bool:
    return vector.kind is KindLevel.CLASH


IDENTIFIED_VETOES: Sequence[Veto] = (
    Veto("identifier", ReasonCode.IDENTIFIER_CONTRADICTED, _is_identifier_contradicted, _get_works),
)
UNIDENTIFIED_VETOES: Sequence[Veto] = (
    Veto("identifier", ReasonCode.IDENTIFIERS_DIFFER, _do_identifiers_differ),
    Veto("directors", ReasonCode.DIRECTORS_DIFFER, _do_directors_differ, _get_directors),
    Veto("runtime", ReasonCode.RUNTIMES_DIFFER, _do_runtimes_differ, _get_runtimes),
    Veto("runtime", ReasonCode.RUNTIMES_DIFFER, _do_runtimes_of_one_title_differ, _get_runtimes, min_probability=0.9),
    Veto("years", ReasonCode.YEARS_DIFFER, _are_years_apart, _get_years),
    Veto("title", ReasonCode.TITLES_DIFFER, _is_uncorroborated, _get_titles),
    Veto("title", ReasonCode.TITLES_DIFFER, _is_weakly_corroborated, _get_titles, min_probability=0.9),
    Veto("sequel", ReasonCode.TITLE_AND_YEAR_DIFFER, _may_be_sequel, _get_titles_and_years),
    Veto("title", ReasonCode.TITLE_ALONE, _has_title_only),
    Veto("title", ReasonCode.TITLE_ALONE, _has_rare_title_only, min_probability=0.98),
    Veto("title", ReasonCode.ARTICLE_DIFFERS, _differs_by_article, _get_titles_and_years),
    Veto("title", ReasonCode.SIMILAR_TITLE_ALONE, _has_similar_title_only),
)
COMMON_VETOES: Sequence[Veto] = (
    Veto("numbers", ReasonCode.OTHER_OBJECT, _is_other_object, _get_titles),
    Veto("sequel", ReasonCode.OTHER_SUBTITLE, _is_other_subtitle, _get_titles),
    Veto("sequel", ReasonCode.OTHER_SUBTITLE, _is_other_subtitle_only, _get_titles, min_probability=0.95),
    Veto("numbers", ReasonCode.NUMBERS_DIFFER, _do_numbers_differ, _get_titles),
    Veto("numbers", ReasonCode.NUMBERS_DIFFER, _do_only_numbers_differ, _get_titles, min_probability=0.95),
    Veto("kind", ReasonCode.KINDS_DIFFER, _do_kinds_differ, _get_kinds),
)


VETO_CODES = frozenset(
    {veto.code for veto in (*IDENTIFIED_VETOES, *UNIDENTIFIED_VETOES, *COMMON_VETOES)}
    | {ReasonCode.RIVAL_FILMS, ReasonCode.IDENTIFIER_OF_OTHER_FILM}
)
"""The reasons that may hold back a film whose probability is high."""
