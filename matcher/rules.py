"""What sends a link to a person, whatever its probability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.common.casing import KIND_LABELS
from domain.common.text import clean_text
from matcher.candidates import ScoredCandidate
from matcher.comparison_levels import (
    FilmographyLevel,
    IdentifierLevel,
    KindLevel,
    RuntimeLevel,
    TitleFrequencyLevel,
    TitleLengthLevel,
    TitleLevel,
    YearLevel,
)
from matcher.comparisons import ComparisonVector
from matcher.countries import CountriesLevel
from matcher.numbers import NumbersLevel
from matcher.people import PeopleLevel
from matcher.work import Work

_DISTANT_YEARS = (YearLevel.FEW, YearLevel.FAR)
_CLOSE_YEARS = (YearLevel.SAME, YearLevel.EARLIER, YearLevel.LATER)
_CLOSE_RUNTIMES = (RuntimeLevel.SAME, RuntimeLevel.CLOSE)
_AGREEING_TITLES = (TitleLevel.EXACT, TitleLevel.SPELLING)
_STRONG_TITLES = (*_AGREEING_TITLES, TitleLevel.CLOSE)
_DISSIMILAR_TITLES = (TitleLevel.VAGUE, TitleLevel.UNLIKE)


def _format_directors(work: Work) -> str:
    return clean_text(", ".join(work.directors[:2]))


def _format_year(work: Work) -> str:
    return str(work.year or work.release_year)


def _format_kind(work: Work) -> str:
    return KIND_LABELS[work.kind] if work.kind else "inconnue"


def _format_work(work: Work) -> str:
    return f"{work.title}, {work.year or 'sans année'}, n° {work.id}"


def _is_identifier_contradicted(vector: ComparisonVector) -> bool:
    """A number may be wrong: two clues against it, or years far apart (a remake), and a person must look."""
    against = (
        vector.title in (*_DISSIMILAR_TITLES, TitleLevel.CONTAINED),
        vector.year in _DISTANT_YEARS,
        vector.directors in (PeopleLevel.DISJOINT, PeopleLevel.SIMILAR),
        vector.runtime is RuntimeLevel.FAR,
    )
    return sum(against) > 1 or (vector.year is YearLevel.FAR and vector.directors is not PeopleLevel.SAME)


def _do_runtimes_differ(vector: ComparisonVector) -> bool:
    """Under another title, five minutes apart are another film: a sister of the same people and year."""
    unequal = vector.title is not TitleLevel.EXACT or (
        vector.wording is TitleLengthLevel.ONE_WORD and vector.directors not in (PeopleLevel.SAME, PeopleLevel.PARTIAL)
    )
    return vector.runtime is RuntimeLevel.FAR or (vector.runtime is RuntimeLevel.NEAR and unequal)


def _are_years_apart(vector: ComparisonVector) -> bool:
    """Directors remake their own films: years far apart always tell, a few years apart when the length differs too."""
    if vector.directors is not PeopleLevel.SAME:
        return vector.year in _DISTANT_YEARS
    return vector.year is YearLevel.FAR or (vector.year is YearLevel.FEW and vector.runtime is RuntimeLevel.NEAR)


def _may_be_sequel(vector: ComparisonVector) -> bool:
    """Under another title, another year is another film: a sequel, an instalment, the next work of the same people."""
    if vector.title in _AGREEING_TITLES or vector.year is YearLevel.UNKNOWN:
        return False
    return vector.year not in (_CLOSE_YEARS if vector.title in _STRONG_TITLES else (YearLevel.SAME,))


def _has_title_only(vector: ComparisonVector) -> bool:
    """Without a director, a title is borne by a year or a running time; one word, by the same year or by both."""
    if vector.directors is PeopleLevel.SIMILAR:
        return vector.title is not TitleLevel.EXACT or vector.company is not TitleFrequencyLevel.ALONE
    if vector.directors is not PeopleLevel.UNKNOWN:
        return False
    same_time = vector.runtime in _CLOSE_RUNTIMES and vector.year not in _DISTANT_YEARS
    if vector.wording is TitleLengthLevel.ONE_WORD:
        return not (vector.year is YearLevel.SAME or (same_time and vector.year is not YearLevel.UNKNOWN))
    return not (vector.year in _CLOSE_YEARS or same_time)


def _has_similar_title_only(vector: ComparisonVector) -> bool:
    """A title that is only near is borne by a director, or by the same year and running time."""
    if vector.title in _STRONG_TITLES or vector.directors in (PeopleLevel.SAME, PeopleLevel.PARTIAL):
        return False
    return not (vector.year is YearLevel.SAME and vector.runtime is RuntimeLevel.SAME and vector.title not in _DISSIMILAR_TITLES)


def _is_uncorroborated(vector: ComparisonVector) -> bool:
    """A title unlike the film's is borne by its people, who made no other that year, its running time or its country."""
    third = vector.runtime in _CLOSE_RUNTIMES or vector.countries in (CountriesLevel.SAME, CountriesLevel.RARE)
    alone = vector.filmography is not FilmographyLevel.BUSY
    borne = vector.directors is PeopleLevel.SAME and vector.year is YearLevel.SAME and third and alone
    return vector.title is TitleLevel.UNLIKE and not borne


@dataclass(frozen=True, slots=True)
class Veto:
    """A reason to ask a person: its word, when it applies, and how it is told in French."""

    code: str
    applies: Callable[[ComparisonVector], bool]
    format_message: Callable[[Work, Work], str]


_IDENTIFIED_VETOES: Sequence[Veto] = (
    Veto(
        "identifier",
        _is_identifier_contradicted,
        lambda entry, film: f"l'identifiant est contredit ({_format_work(entry)} / {_format_work(film)})",
    ),
)
_UNIDENTIFIED_VETOES: Sequence[Veto] = (
    Veto(
        "identifier", lambda clues: clues.identifier is IdentifierLevel.DIFFERENT, lambda entry, film: "identifiants différents"
    ),
    Veto(
        "directors",
        lambda clues: clues.directors is PeopleLevel.DISJOINT,
        lambda entry, film: f"réalisateurs différents ({_format_directors(entry)} / {_format_directors(film)})",
    ),
    Veto(
        "runtime",
        _do_runtimes_differ,
        lambda entry, film: f"durées trop différentes ({entry.runtime_min} min / {film.runtime_min} min)",
    ),
    Veto(
        "years",
        _are_years_apart,
        lambda entry, film: f"années trop éloignées ({_format_year(entry)} / {_format_year(film)})",
    ),
    Veto("title", _is_uncorroborated, lambda entry, film: f"titres trop différents ({entry.title} / {film.title})"),
    Veto(
        "sequel",
        _may_be_sequel,
        lambda entry, film: (
            f"autre titre et autre année ({entry.title}, {_format_year(entry)} / {film.title}, {_format_year(film)})"
        ),
    ),
    Veto("title", _has_title_only, lambda entry, film: "titre seul, ni année ni réalisateur pour le confirmer"),
    Veto("title", _has_similar_title_only, lambda entry, film: "titre seulement proche, pas de réalisateur pour le confirmer"),
)
_COMMON_VETOES: Sequence[Veto] = (
    Veto(
        "numbers",
        lambda clues: clues.numbers is NumbersLevel.OBJECT,
        lambda entry, film: f"autre objet que le film : partie, série, annonce… ({entry.title} / {film.title})",
    ),
    Veto(
        "sequel",
        lambda clues: clues.title is TitleLevel.SISTER,
        lambda entry, film: f"même série, autre sous-titre ({entry.title} / {film.title})",
    ),
    Veto(
        "numbers",
        lambda clues: clues.numbers in (NumbersLevel.MORE, NumbersLevel.DIFFERENT),
        lambda entry, film: f"numéros différents ({entry.title} / {film.title})",
    ),
    Veto(
        "kind",
        lambda clues: clues.kind is KindLevel.CLASH,
        lambda entry, film: f"natures différentes ({_format_kind(entry)} / {_format_kind(film)})",
    ),
)


class Objection(NamedTuple):
    """Why a person must look: the word for the doubt, and the reason told in French."""

    code: str
    message: str


def find_pair_veto(entry: Work, best: ScoredCandidate) -> Objection | None:
    """The first reason why a film cannot be published unseen for an entry; None when there is none."""
    vetoes = (*(_IDENTIFIED_VETOES if best.vector.identifier is IdentifierLevel.SAME else _UNIDENTIFIED_VETOES), *_COMMON_VETOES)
    found = next((veto for veto in vetoes if veto.applies(best.vector)), None)
    return Objection(found.code, found.format_message(entry, best.film)) if found else None


def find_rival_veto(candidates: Sequence[ScoredCandidate]) -> Objection | None:
    """The reason why the best candidate does not stand out from the others; None when it does."""
    best, *others = candidates
    for other in others:
        if other.vector.identifier is IdentifierLevel.SAME:
            return Objection("identifier", f"un identifiant désigne un autre film ({_format_work(other.film)})")
        if _are_indistinguishable(best, other):
            return Objection(
                "rivals", f"deux films de la base conviennent ({_format_work(best.film)} / {_format_work(other.film)})"
            )
    return None


def _are_indistinguishable(best: ScoredCandidate, other: ScoredCandidate) -> bool:
    """Nothing but fame tells the two apart."""
    return best.vector.identifier is not IdentifierLevel.SAME and best.vector._replace(fame=other.vector.fame) == other.vector
