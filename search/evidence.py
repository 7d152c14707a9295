"""Which films of the same title a line may mean: those that nothing it says contradicts, and that something confirms."""

from collections.abc import Iterable, Sequence

from domain.common.text import romanise_text, split_words
from search.requested_film import Interpretation
from search.title_index import Candidate

_MAX_YEAR_GAP = 1
_MIN_WORD_LENGTH = 3  # letters


def compare_years(year: int | None, other: int | None) -> bool | None:
    """Whether two years agree, to one near, as countries and bases differ; None when one is unknown."""
    return None if year is None or other is None else abs(year - other) <= _MAX_YEAR_GAP


def get_year(candidate: Candidate) -> int | None:
    """The year of a film as the index knows it."""
    return int(candidate.year) if candidate.year else None


def compare_directors(names: Sequence[str], candidate: Candidate) -> bool | None:
    """Whether one of the names is a director's, as far as it is written; None when that cannot be said."""
    asked, people = (
        [set(split_words(romanise_text(name))) for name in names],
        set(split_words(romanise_text(" ".join(candidate.people)))),
    )
    asked = [name for name in asked if name]
    if not asked or not people:
        return None
    if any(name <= people for name in asked):
        return True
    return None if any(len(word) >= _MIN_WORD_LENGTH for name in asked for word in name & people) else False


def find_compatible_films(interpretation: Interpretation, candidates: Iterable[Candidate]) -> set[int]:
    """The numbers of the films that the reading may mean, among those of its title.

    A year or a name that is told must be confirmed by one of the two at least, and none contradicted.
    """
    kept = set()
    for candidate in candidates:
        told = (compare_years(interpretation.year, get_year(candidate)), compare_directors(interpretation.directors, candidate))
        silent = interpretation.year is None and not interpretation.directors
        if False not in told and (silent or True in told):
            kept.add(candidate.film_id)
    return kept


def find_single_film(film_sets: Sequence[set[int]], is_same_film: bool) -> int | None:
    """The one film that is meant; None when there is none, or several.

    Several titles of one film part its homonyms; several ways to understand a line only add films to it.
    """
    told = [films for films in film_sets if films]
    if not told:
        return None
    common = set.intersection(*told) if is_same_film else set.union(*told)
    return next(iter(common)) if len(common) == 1 else None
