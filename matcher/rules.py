"""Send a link to a person, whatever its probability: the vetoes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.candidates import ScoredCandidate
from matcher.comparisons.levels import (
    AGREEING_PEOPLE,
    AGREEING_TITLES,
    CLOSE_RUNTIMES,
    CLOSE_YEARS,
    SHARED_COUNTRIES,
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
_DISTANT_YEARS = (YearLevel.FEW, YearLevel.FAR)
_STRONG_TITLES = (*AGREEING_TITLES, TitleLevel.CLOSE)
_DISSIMILAR_TITLES = (TitleLevel.VAGUE, TitleLevel.UNLIKE)


def _describe_work(work: Work) -> ReasonParams:
    return {"id": work.id, "title": work.title, "year": work.year}


def _get_no_params(entry: Work, film: Work) -> ReasonParams:
    return {}


def _get_works(entry: Work, film: Work) -> ReasonParams:
    return {"entry_work": _describe_work(entry), "film_work": _describe_work(film)}


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
        vector.year in _DISTANT_YEARS,
        vector.directors in (PeopleLevel.DISJOINT, PeopleLevel.SIMILAR),
        vector.runtime is RuntimeLevel.FAR,
    )
    return sum(against) > 1 or (vector.year is YearLevel.FAR and vector.directors is not PeopleLevel.SAME)


def _do_runtimes_differ(vector: ComparisonVector) -> bool:
    """Return whether running times make two films of a pair.

    Under another title, five minutes are enough: the same people may have made both films in one year.
    """
    unequal = vector.title is not TitleLevel.EXACT or (
        vector.wording is TitleLengthLevel.ONE_WORD and vector.directors not in AGREEING_PEOPLE
    )
    return vector.runtime is RuntimeLevel.FAR or (vector.runtime is RuntimeLevel.NEAR and unequal)


def _are_years_apart(vector: ComparisonVector) -> bool:
    """Return whether years make two films of a pair; for one director, who may remake a film, they must be far apart.

    A few years are enough when the running times differ too.
    """
    if vector.directors is not PeopleLevel.SAME:
        return vector.year in _DISTANT_YEARS
    return vector.year is YearLevel.FAR or (vector.year is YearLevel.FEW and vector.runtime is RuntimeLevel.NEAR)


def _may_be_sequel(vector: ComparisonVector) -> bool:
    """Return whether another title and another year may be a sequel, an instalment or the next work of the same people."""
    if vector.title in AGREEING_TITLES or vector.year is YearLevel.UNKNOWN:
        return False
    return vector.year not in (CLOSE_YEARS if vector.title in _STRONG_TITLES else (YearLevel.SAME,))


def _has_title_only(vector: ComparisonVector) -> bool:
    """Return whether nothing confirms the title: without a director, a year or a running time must.

    A title of one word needs the same year, or both.
    """
    if vector.directors is PeopleLevel.SIMILAR:
        return vector.title is not TitleLevel.EXACT or vector.company is not TitleFrequencyLevel.ALONE
    if vector.directors is not PeopleLevel.UNKNOWN:
        return False
    same_time = vector.runtime in CLOSE_RUNTIMES and vector.year not in _DISTANT_YEARS
    if vector.wording is TitleLengthLevel.ONE_WORD:
        return not (vector.year is YearLevel.SAME or (same_time and vector.year is not YearLevel.UNKNOWN))
    return not (vector.year in CLOSE_YEARS or same_time)


def _has_similar_title_only(vector: ComparisonVector) -> bool:
    """Return whether neither a director, nor both the year and the running time, confirm a title that is only similar."""
    if vector.title in _STRONG_TITLES or vector.directors in AGREEING_PEOPLE:
        return False
    return not (vector.year is YearLevel.SAME and vector.runtime is RuntimeLevel.SAME and vector.title not in _DISSIMILAR_TITLES)


def _is_uncorroborated(vector: ComparisonVector) -> bool:
    """Return whether too little confirms a title unlike the film's.

    It takes the director, with no other film that year, and the running time or the country.
    """
    third = vector.runtime in CLOSE_RUNTIMES or vector.countries in SHARED_COUNTRIES
    alone = vector.filmography is not FilmographyLevel.BUSY
    borne = vector.directors is PeopleLevel.SAME and vector.year is YearLevel.SAME and third and alone
    return vector.title is TitleLevel.UNLIKE and not borne


@dataclass(frozen=True, slots=True)
class Veto:
    """Represent a reason to ask a person: the word for the doubt, the code, when it applies, and what it bears on."""

    doubt: str
    code: ReasonCode
    applies: Callable[[ComparisonVector], bool]
    get_params: Callable[[Work, Work], ReasonParams] = _get_no_params


def _do_identifiers_differ(vector: ComparisonVector) -> bool:
    return vector.identifier is IdentifierLevel.DIFFERENT


def _do_directors_differ(vector: ComparisonVector) -> bool:
    return vector.directors is PeopleLevel.DISJOINT


def _is_other_object(vector: ComparisonVector) -> bool:
    return vector.numbers is NumbersLevel.OBJECT


def _is_other_subtitle(vector: ComparisonVector) -> bool:
    return vector.title is TitleLevel.SISTER


def _do_numbers_differ(vector: ComparisonVector) -> bool:
    return vector.numbers in (NumbersLevel.MORE, NumbersLevel.DIFFERENT)


def _do_kinds_differ(vector: ComparisonVector) -> bool:
    return vector.kind is KindLevel.CLASH


_IDENTIFIED_VETOES: Sequence[Veto] = (
    Veto("identifier", ReasonCode.IDENTIFIER_CONTRADICTED, _is_identifier_contradicted, _get_works),
)
_UNIDENTIFIED_VETOES: Sequence[Veto] = (
    Veto("identifier", ReasonCode.IDENTIFIERS_DIFFER, _do_identifiers_differ),
    Veto("directors", ReasonCode.DIRECTORS_DIFFER, _do_directors_differ, _get_directors),
    Veto("runtime", ReasonCode.RUNTIMES_DIFFER, _do_runtimes_differ, _get_runtimes),
    Veto("years", ReasonCode.YEARS_DIFFER, _are_years_apart, _get_years),
    Veto("title", ReasonCode.TITLES_DIFFER, _is_uncorroborated, _get_titles),
    Veto("sequel", ReasonCode.TITLE_AND_YEAR_DIFFER, _may_be_sequel, _get_titles_and_years),
    Veto("title", ReasonCode.TITLE_ALONE, _has_title_only),
    Veto("title", ReasonCode.SIMILAR_TITLE_ALONE, _has_similar_title_only),
)
_COMMON_VETOES: Sequence[Veto] = (
    Veto("numbers", ReasonCode.OTHER_OBJECT, _is_other_object, _get_titles),
    Veto("sequel", ReasonCode.OTHER_SUBTITLE, _is_other_subtitle, _get_titles),
    Veto("numbers", ReasonCode.NUMBERS_DIFFER, _do_numbers_differ, _get_titles),
    Veto("kind", ReasonCode.KINDS_DIFFER, _do_kinds_differ, _get_kinds),
)


class Objection(NamedTuple):
    """Say why a person must look: the word for the doubt, and the veto with what it bears on."""

    doubt: str
    reason: Reason


def find_pair_veto(entry: Work, best: ScoredCandidate) -> Objection | None:
    """Return the first reason why a film cannot be published unseen for an entry; None when there is none."""
    identified = best.vector.identifier is IdentifierLevel.SAME
    vetoes = (*(_IDENTIFIED_VETOES if identified else _UNIDENTIFIED_VETOES), *_COMMON_VETOES)
    for veto in vetoes:
        if veto.applies(best.vector):
            return Objection(veto.doubt, Reason(veto.code, veto.get_params(entry, best.film)))
    return None


def find_rival_veto(candidates: Sequence[ScoredCandidate]) -> Objection | None:
    """Return the reason why the best candidate does not stand out from the others; None when it does."""
    best, *others = candidates
    for other in others:
        rival = _describe_work(other.film)
        if other.vector.identifier is IdentifierLevel.SAME:
            return Objection("identifier", Reason(ReasonCode.IDENTIFIER_OF_OTHER_FILM, {"rival_work": rival}))
        if _are_indistinguishable(best, other):
            params = {"film_work": _describe_work(best.film), "rival_work": rival}
            return Objection("rivals", Reason(ReasonCode.RIVAL_FILMS, params))
    return None


def _are_indistinguishable(best: ScoredCandidate, other: ScoredCandidate) -> bool:
    """Return whether only popularity distinguishes two candidates."""
    return best.vector.identifier is not IdentifierLevel.SAME and best.vector._replace(fame=other.vector.fame) == other.vector
