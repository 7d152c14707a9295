"""What sends a link to a person, whatever its probability."""

from collections.abc import Callable, Sequence

from matcher.candidates import ScoredFilm
from matcher.clues import Clues, IdLevel, RuntimeLevel, TitleLevel, YearLevel
from matcher.people import Agreement
from matcher.work import Work
from records.vocabulary import Kind

_APART = (YearLevel.FEW, YearLevel.FAR)
_TOGETHER = (YearLevel.SAME, YearLevel.ONE)
_AGREEMENT_ORDER = (Agreement.SAME, Agreement.PARTIAL, Agreement.UNKNOWN, Agreement.DISJOINT)

_KINDS = {
    Kind.FILM: "film",
    Kind.SHORT: "court métrage",
    Kind.SERIES: "série",
    Kind.EPISODE: "épisode",
    Kind.OTHER: "autre",
}


def _names(work: Work) -> str:
    return ", ".join(work.directors[:2])


def _year(work: Work) -> str:
    return str(work.year or work.release_year)


def _kind(work: Work) -> str:
    return _KINDS[work.kind] if work.kind else "inconnue"


def _called(work: Work) -> str:
    return f"{work.title}, {work.year or 'sans année'}, n° {work.id}"


def _identifier_contradicted(clues: Clues) -> bool:
    """A number may be wrong: two clues against it, or years far apart (a remake), and a person must look."""
    against = (
        clues.title in (TitleLevel.UNLIKE, TitleLevel.CONTAINED),
        clues.year in _APART,
        clues.directors is Agreement.DISJOINT,
        clues.runtime is RuntimeLevel.FAR,
    )
    return sum(against) > 1 or (clues.year is YearLevel.FAR and clues.directors is not Agreement.SAME)


def _title_alone(clues: Clues) -> bool:
    """A year apart may be another film of the same title: it takes a director or a running time to tell."""
    year_helps = clues.year is YearLevel.SAME or (clues.year is not YearLevel.UNKNOWN and clues.runtime is RuntimeLevel.CLOSE)
    return clues.directors is Agreement.UNKNOWN and not year_helps


def _near_title_alone(clues: Clues) -> bool:
    return clues.title not in (TitleLevel.EXACT, TitleLevel.CLOSE) and clues.directors is not Agreement.SAME


Veto = tuple[Callable[[Clues], bool], Callable[[Work, Work], str]]
_IDENTIFIED: Sequence[Veto] = (
    (_identifier_contradicted, lambda entry, film: f"l'identifiant est contredit ({_called(entry)} / {_called(film)})"),
)
_UNIDENTIFIED: Sequence[Veto] = (
    (lambda clues: clues.identifier is IdLevel.DIFFERENT, lambda entry, film: "identifiants différents"),
    (
        lambda clues: clues.directors is Agreement.DISJOINT,
        lambda entry, film: f"réalisateurs différents ({_names(entry)} / {_names(film)})",
    ),
    (
        lambda clues: clues.runtime is RuntimeLevel.FAR,
        lambda entry, film: f"durées trop différentes ({entry.runtime_min} min / {film.runtime_min} min)",
    ),
    (
        lambda clues: clues.year in _APART and clues.directors is not Agreement.SAME,
        lambda entry, film: f"années trop éloignées ({_year(entry)} / {_year(film)})",
    ),
    (
        lambda clues: clues.title is TitleLevel.UNLIKE,
        lambda entry, film: f"titres trop différents ({entry.title} / {film.title})",
    ),
    (_title_alone, lambda entry, film: "titre seul, ni année ni réalisateur pour le confirmer"),
    (_near_title_alone, lambda entry, film: "titre seulement proche, pas de réalisateur pour le confirmer"),
)
_ALWAYS: Sequence[Veto] = (
    (lambda clues: clues.numbers_differ, lambda entry, film: f"numéros différents ({entry.title} / {film.title})"),
    (lambda clues: clues.kinds_clash, lambda entry, film: f"natures différentes ({_kind(entry)} / {_kind(film)})"),
)


def pair_veto(entry: Work, candidate: ScoredFilm) -> str | None:
    """The first reason, in French, why this film cannot be published unseen for this entry; None when there is none."""
    identified = candidate.clues.identifier is IdLevel.SAME
    vetoes = (*(_IDENTIFIED if identified else _UNIDENTIFIED), *_ALWAYS)
    return next((tell(entry, candidate.film) for applies, tell in vetoes if applies(candidate.clues)), None)


def _as_fitting(best: Clues, other: Clues) -> bool:
    """Same title, same time, and neither director nor running time tells the other film off."""
    together = (best.year in _TOGETHER and other.year in _TOGETHER) or best.year is other.year is YearLevel.UNKNOWN
    worse_director = _AGREEMENT_ORDER.index(other.directors) > _AGREEMENT_ORDER.index(best.directors)
    worse_runtime = best.runtime is RuntimeLevel.CLOSE and other.runtime is RuntimeLevel.FAR
    return best.title is other.title is TitleLevel.EXACT and together and not worse_director and not worse_runtime


def rival_veto(candidates: Sequence[ScoredFilm]) -> str | None:
    """The reason, in French, why the best candidate does not stand out from the others; None when it does."""
    best, *others = candidates
    for other in others:
        if other.clues.identifier is IdLevel.SAME:
            return f"un identifiant désigne un autre film ({_called(other.film)})"
        if best.clues.identifier is not IdLevel.SAME and _as_fitting(best.clues, other.clues):
            return f"deux films de la base conviennent ({_called(best.film)} / {_called(other.film)})"
    return None
