"""Which films of the same title a line may mean: those that nothing it says contradicts, and that something confirms."""

from collections.abc import Iterable, Sequence

from domain.common.text import romanise, words
from search.requested_film import Reading
from search.title_index import Candidate

_YEARS_APART = 1
_TELLING = 3  # letters


def same_year(year: int | None, other: int | None) -> bool | None:
    """Whether two years agree, to one near, as countries and bases differ; None when one is unknown."""
    return None if year is None or other is None else abs(year - other) <= _YEARS_APART


def year_of(candidate: Candidate) -> int | None:
    """The year of a film as the index knows it."""
    return int(candidate.year) if candidate.year else None


def same_director(names: Sequence[str], candidate: Candidate) -> bool | None:
    """Whether one of the names is a director's, as far as it is written; None when that cannot be said."""
    asked, people = [set(words(romanise(name))) for name in names], set(words(romanise(" ".join(candidate.people))))
    asked = [name for name in asked if name]
    if not asked or not people:
        return None
    if any(name <= people for name in asked):
        return True
    return None if any(len(word) >= _TELLING for name in asked for word in name & people) else False


def compatible(reading: Reading, candidates: Iterable[Candidate]) -> set[int]:
    """The numbers of the films that the reading may mean, among those of its title.

    A year or a name that is told must be confirmed by one of the two at least, and none contradicted.
    """
    kept = set()
    for candidate in candidates:
        told = (same_year(reading.year, year_of(candidate)), same_director(reading.directors, candidate))
        silent = reading.year is None and not reading.directors
        if False not in told and (silent or True in told):
            kept.add(candidate.film_id)
    return kept


def one_meant(meant: Sequence[set[int]], titles_of_one: bool) -> int | None:
    """The one film that is meant; None when there is none, or several.

    Several titles of one film part its homonyms; several ways to understand a line only add films to it.
    """
    told = [films for films in meant if films]
    if not told:
        return None
    common = set.intersection(*told) if titles_of_one else set.union(*told)
    return next(iter(common)) if len(common) == 1 else None
