"""What sends a link to a person, whatever its probability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.common.casing import KIND_WORDS
from domain.common.text import clean
from matcher.candidates import ScoredFilm
from matcher.comparison_levels import Company, Filmography, IdLevel, KindLevel, RuntimeLevel, TitleLevel, Wording, YearLevel
from matcher.comparisons import Clues
from matcher.countries import Shared
from matcher.numbers import Numbering
from matcher.people import Agreement
from matcher.work import Work

_APART = (YearLevel.FEW, YearLevel.FAR)
_NOT_FAR = (YearLevel.SAME, YearLevel.EARLIER, YearLevel.LATER)
_SAME_TIME = (RuntimeLevel.SAME, RuntimeLevel.CLOSE)
_EQUAL = (TitleLevel.EXACT, TitleLevel.SPELLING)
_STRONG = (*_EQUAL, TitleLevel.CLOSE)
_STRANGE = (TitleLevel.VAGUE, TitleLevel.UNLIKE)


def _names(work: Work) -> str:
    return clean(", ".join(work.directors[:2]))


def _year(work: Work) -> str:
    return str(work.year or work.release_year)


def _kind(work: Work) -> str:
    return KIND_WORDS[work.kind] if work.kind else "inconnue"


def _called(work: Work) -> str:
    return f"{work.title}, {work.year or 'sans année'}, n° {work.id}"


def _identifier_contradicted(clues: Clues) -> bool:
    """A number may be wrong: two clues against it, or years far apart (a remake), and a person must look."""
    against = (
        clues.title in (*_STRANGE, TitleLevel.CONTAINED),
        clues.year in _APART,
        clues.directors in (Agreement.DISJOINT, Agreement.SIMILAR),
        clues.runtime is RuntimeLevel.FAR,
    )
    return sum(against) > 1 or (clues.year is YearLevel.FAR and clues.directors is not Agreement.SAME)


def _runtimes_differ(clues: Clues) -> bool:
    """Under another title, five minutes apart are another film: a sister of the same people and year."""
    unequal = clues.title is not TitleLevel.EXACT or (
        clues.wording is Wording.ONE_WORD and clues.directors not in (Agreement.SAME, Agreement.PARTIAL)
    )
    return clues.runtime is RuntimeLevel.FAR or (clues.runtime is RuntimeLevel.NEAR and unequal)


def _years_apart(clues: Clues) -> bool:
    """Directors remake their own films: years far apart always tell, a few years apart when the length differs too."""
    if clues.directors is not Agreement.SAME:
        return clues.year in _APART
    return clues.year is YearLevel.FAR or (clues.year is YearLevel.FEW and clues.runtime is RuntimeLevel.NEAR)


def _sequel_perhaps(clues: Clues) -> bool:
    """Under another title, another year is another film: a sequel, an instalment, the next work of the same people."""
    if clues.title in _EQUAL or clues.year is YearLevel.UNKNOWN:
        return False
    return clues.year not in (_NOT_FAR if clues.title in _STRONG else (YearLevel.SAME,))


def _title_alone(clues: Clues) -> bool:
    """Without a director, a title is borne by a year or a running time; one word, by the same year or by both."""
    if clues.directors is Agreement.SIMILAR:
        return clues.title is not TitleLevel.EXACT or clues.company is not Company.ALONE
    if clues.directors is not Agreement.UNKNOWN:
        return False
    same_time = clues.runtime in _SAME_TIME and clues.year not in _APART
    if clues.wording is Wording.ONE_WORD:
        return not (clues.year is YearLevel.SAME or (same_time and clues.year is not YearLevel.UNKNOWN))
    return not (clues.year in _NOT_FAR or same_time)


def _near_title_alone(clues: Clues) -> bool:
    """A title that is only near is borne by a director, or by the same year and running time."""
    if clues.title in _STRONG or clues.directors in (Agreement.SAME, Agreement.PARTIAL):
        return False
    return not (clues.year is YearLevel.SAME and clues.runtime is RuntimeLevel.SAME and clues.title not in _STRANGE)


def _unbacked(clues: Clues) -> bool:
    """A title unlike the film's is borne by its people, who made no other that year, its running time or its country."""
    third = clues.runtime in _SAME_TIME or clues.countries in (Shared.SAME, Shared.RARE)
    alone = clues.filmography is not Filmography.BUSY
    borne = clues.directors is Agreement.SAME and clues.year is YearLevel.SAME and third and alone
    return clues.title is TitleLevel.UNLIKE and not borne


@dataclass(frozen=True, slots=True)
class Veto:
    """A reason to ask a person: its word, when it applies, and how it is told in French."""

    word: str
    applies: Callable[[Clues], bool]
    tell: Callable[[Work, Work], str]


_IDENTIFIED: Sequence[Veto] = (
    Veto(
        "identifier",
        _identifier_contradicted,
        lambda entry, film: f"l'identifiant est contredit ({_called(entry)} / {_called(film)})",
    ),
)
_UNIDENTIFIED: Sequence[Veto] = (
    Veto("identifier", lambda clues: clues.identifier is IdLevel.DIFFERENT, lambda entry, film: "identifiants différents"),
    Veto(
        "directors",
        lambda clues: clues.directors is Agreement.DISJOINT,
        lambda entry, film: f"réalisateurs différents ({_names(entry)} / {_names(film)})",
    ),
    Veto(
        "runtime",
        _runtimes_differ,
        lambda entry, film: f"durées trop différentes ({entry.runtime_min} min / {film.runtime_min} min)",
    ),
    Veto(
        "years",
        _years_apart,
        lambda entry, film: f"années trop éloignées ({_year(entry)} / {_year(film)})",
    ),
    Veto("title", _unbacked, lambda entry, film: f"titres trop différents ({entry.title} / {film.title})"),
    Veto(
        "sequel",
        _sequel_perhaps,
        lambda entry, film: f"autre titre et autre année ({entry.title}, {_year(entry)} / {film.title}, {_year(film)})",
    ),
    Veto("title", _title_alone, lambda entry, film: "titre seul, ni année ni réalisateur pour le confirmer"),
    Veto("title", _near_title_alone, lambda entry, film: "titre seulement proche, pas de réalisateur pour le confirmer"),
)
_ALWAYS: Sequence[Veto] = (
    Veto(
        "numbers",
        lambda clues: clues.numbers is Numbering.OBJECT,
        lambda entry, film: f"autre objet que le film : partie, série, annonce… ({entry.title} / {film.title})",
    ),
    Veto(
        "sequel",
        lambda clues: clues.title is TitleLevel.SISTER,
        lambda entry, film: f"même série, autre sous-titre ({entry.title} / {film.title})",
    ),
    Veto(
        "numbers",
        lambda clues: clues.numbers in (Numbering.MORE, Numbering.DIFFERENT),
        lambda entry, film: f"numéros différents ({entry.title} / {film.title})",
    ),
    Veto(
        "kind",
        lambda clues: clues.kind is KindLevel.CLASH,
        lambda entry, film: f"natures différentes ({_kind(entry)} / {_kind(film)})",
    ),
)


class Objection(NamedTuple):
    """Why a person must look: the word for the doubt, and the reason told in French."""

    word: str
    told: str


def pair_veto(entry: Work, best: ScoredFilm) -> Objection | None:
    """The first reason why a film cannot be published unseen for an entry; None when there is none."""
    vetoes = (*(_IDENTIFIED if best.clues.identifier is IdLevel.SAME else _UNIDENTIFIED), *_ALWAYS)
    found = next((veto for veto in vetoes if veto.applies(best.clues)), None)
    return Objection(found.word, found.tell(entry, best.film)) if found else None


def rival_veto(candidates: Sequence[ScoredFilm]) -> Objection | None:
    """The reason why the best candidate does not stand out from the others; None when it does."""
    best, *others = candidates
    for other in others:
        if other.clues.identifier is IdLevel.SAME:
            return Objection("identifier", f"un identifiant désigne un autre film ({_called(other.film)})")
        if _alike(best, other):
            return Objection("rivals", f"deux films de la base conviennent ({_called(best.film)} / {_called(other.film)})")
    return None


def _alike(best: ScoredFilm, other: ScoredFilm) -> bool:
    """Nothing but fame tells the two apart."""
    return best.clues.identifier is not IdLevel.SAME and best.clues._replace(fame=other.clues.fame) == other.clues
