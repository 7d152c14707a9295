"""An entry's candidates: the films that may be its work, each with its clues and probability."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.blocking import CandidateSet, FilmIndex
from matcher.comparisons.pair import ComparisonVector, compare_pair
from matcher.model import Model
from matcher.work import Work


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """A film put forward: its clues, and the probability that it is the entry's work."""

    film: Work
    vector: ComparisonVector
    probability: float


def rank_by_probability(films: Sequence[Work], vectors: Sequence[ComparisonVector], model: Model) -> list[ScoredCandidate]:
    """Films with their clues, most probable first; ties go to the smaller number.

    The probabilities compare the films with each other and with « no film of the base », whose odds are 1.
    """
    odds = [math.exp(model.compute_score(found)) for found in vectors]
    total = 1 + sum(odds)
    scored = [ScoredCandidate(film, found, odd / total) for film, found, odd in zip(films, vectors, odds, strict=True)]
    return sorted(scored, key=lambda candidate: (-candidate.probability, candidate.film.id))


def compare_candidates(entry: Work, candidate_set: CandidateSet, index: FilmIndex) -> tuple[list[Work], list[ComparisonVector]]:
    """The films of a shortlist that nobody rejected, and their clues."""
    films = [index.films[place] for place in candidate_set.positions]
    if entry.rejected_film_ids:
        films = [film for film in films if film.id not in entry.rejected_film_ids]
    return films, [compare_pair(entry, film, candidate_set.frequencies) for film in films]


def rank_candidates(entry: Work, candidate_set: CandidateSet, index: FilmIndex, model: Model) -> list[ScoredCandidate]:
    """The films that may be the entry's work, most probable first."""
    return rank_by_probability(*compare_candidates(entry, candidate_set, index), model)
