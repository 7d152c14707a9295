"""Choose the films that a typed line may mean, with the matcher's comparisons of years and people.

The comparisons are the matcher's; the rule is not (decision 0030): a line has two or three facts instead of seventeen
comparisons, so a film of its title is accepted when a fact confirms it and none contradicts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.comparisons.facts import compare_years
from matcher.comparisons.levels import AGREEING_PEOPLE, CLOSE_YEARS, PeopleLevel, YearLevel
from matcher.comparisons.people import compare_people, is_single_name_of
from matcher.title_forms import remove_spaces
from matcher.work import Work, make_work
from search.requested_film import Interpretation
from search.title_index import Candidate


class Evidence(StrEnum):
    """Say what a fact of a line tells about a film."""

    CONFIRMS = "confirms"
    SILENT = "silent"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True)
class Reading:
    """One interpretation of a line, and the work that the matcher compares."""

    interpretation: Interpretation
    work: Work

    @property
    def has_title_only(self) -> bool:
        """Return whether the line gives neither a year nor a name."""
        return not self.work.years and not self.work.directors


def build_reading(interpretation: Interpretation) -> Reading:
    """Return an interpretation with its work."""
    work = make_work("", [interpretation.title], year=interpretation.year, directors=interpretation.directors)
    return Reading(interpretation, work)


def build_candidate_work(candidate: Candidate) -> Work:
    """Return a film of the index as the matcher compares it."""
    return Work(
        str(candidate.film_id),
        candidate.keys[0],
        title_keys=candidate.keys,
        exact_keys=tuple(map(remove_spaces, candidate.keys)),
        part_keys=(),
        year=int(candidate.year) if candidate.year else None,
        release_year=candidate.release_year,
        people=candidate.directors,
    )


def get_year_evidence(requested: Work, film: Work) -> Evidence:
    """Return what the line's year tells: one year of difference still confirms, as countries and sources differ."""
    level = compare_years(requested, film)
    if level is YearLevel.UNKNOWN:
        return Evidence.SILENT
    return Evidence.CONFIRMS if level in CLOSE_YEARS else Evidence.CONTRADICTS


def get_director_evidence(requested: Work, film: Work, has_homonyms: bool) -> Evidence:
    """Return what the line's names tell; a surname alone confirms, as people type « La Strada, Fellini ».

    A similar name contradicts a film that has homonyms, as the matcher's veto on similar names does.
    """
    level = compare_people(requested.people, film.people)
    if level in AGREEING_PEOPLE:
        return Evidence.CONFIRMS
    if level is PeopleLevel.DISJOINT:
        return Evidence.CONTRADICTS
    if any(is_single_name_of(name, director) for name in requested.people for director in film.people):
        return Evidence.CONFIRMS
    return Evidence.CONTRADICTS if level is PeopleLevel.SIMILAR and has_homonyms else Evidence.SILENT


def find_compatible_films(reading: Reading, candidates: Sequence[Candidate]) -> set[int]:
    """Return the ids of the films, among those of the reading's title, that it may mean.

    Nothing may contradict such a film, and the year or a name must confirm it when the line gives one.
    """
    film_ids = set()
    for candidate in candidates:
        film = build_candidate_work(candidate)
        director_evidence = get_director_evidence(reading.work, film, has_homonyms=len(candidates) > 1)
        evidence = (get_year_evidence(reading.work, film), director_evidence)
        if Evidence.CONTRADICTS in evidence:
            continue
        if reading.has_title_only or Evidence.CONFIRMS in evidence:
            film_ids.add(candidate.film_id)
    return film_ids


def find_single_film(film_sets: Sequence[set[int]], is_same_film: bool) -> int | None:
    """Return the only film that a line may mean; None when there is none, or several.

    The sets are those of the line's readings. Several titles of one film (`is_same_film`) must all allow it; several ways
    to understand a line only add films to each other.
    """
    possible_sets = [film_ids for film_ids in film_sets if film_ids]
    if not possible_sets:
        return None
    film_ids = set.intersection(*possible_sets) if is_same_film else set.union(*possible_sets)
    return film_ids.pop() if len(film_ids) == 1 else None
