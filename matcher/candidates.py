"""Score an entry's candidates: compare each with the entry, and compute the probability that it is the entry's work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.blocking import CandidateSet, FilmIndex
from matcher.comparisons.pair import ComparisonVector, compare_pair
from matcher.habits import NO_HABITS, CatalogueHabits
from matcher.model import Model
from matcher.work import Work


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """A candidate film with its comparisons and its probability."""

    film: Work
    vector: ComparisonVector
    probability: float


def rank_by_probability(
    films: Sequence[Work], vectors: Sequence[ComparisonVector], model: Model, habits: CatalogueHabits = NO_HABITS
) -> list[ScoredCandidate]:
    """Return films as scored candidates, most probable first, then by id.

    The probabilities compare the films with each other and with « no film », whose odds are 1.
    """
    odds = [math.exp(model.compute_score(vector, habits.adjustments)) for vector in vectors]
    total = 1 + sum(odds)
    candidates = [
        ScoredCandidate(film, vector, film_odds / total) for film, vector, film_odds in zip(films, vectors, odds, strict=True)
    ]
    return sorted(candidates, key=lambda candidate: (-candidate.probability, candidate.film.id))


def compare_candidates(entry: Work, candidate_set: CandidateSet, index: FilmIndex) -> tuple[list[Work], list[ComparisonVector]]:
    """Return the films of a candidate set that no person rejected for the entry, and their comparisons."""
    films = [index.films[position] for position in candidate_set.positions]
    if entry.rejected_film_ids:
        films = [film for film in films if film.id not in entry.rejected_film_ids]
    return films, [compare_pair(entry, film, candidate_set.frequencies) for film in films]


def rank_candidates(
    entry: Work, candidate_set: CandidateSet, index: FilmIndex, model: Model, habits: CatalogueHabits = NO_HABITS
) -> list[ScoredCandidate]:
    """Return an entry's scored candidates, most probable first."""
    films, vectors = compare_candidates(entry, candidate_set, index)
    return rank_by_probability(films, vectors, model, habits)
