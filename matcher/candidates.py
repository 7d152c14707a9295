"""An entry's candidates: the films that may be its work, each with its clues and probability."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.blocking import FilmIndex, Shortlist
from matcher.comparisons import Clues, compare
from matcher.model import Model
from matcher.work import Work


@dataclass(frozen=True, slots=True)
class ScoredFilm:
    """A film put forward: its clues, and the probability that it is the entry's work."""

    film: Work
    clues: Clues
    probability: float


def rank(films: Sequence[Work], clues: Sequence[Clues], model: Model) -> list[ScoredFilm]:
    """Films with their clues, most probable first; ties go to the smaller number.

    The probabilities compare the films with each other and with « no film of the base », whose odds are 1.
    """
    odds = [math.exp(model.score(found)) for found in clues]
    total = 1 + sum(odds)
    scored = [ScoredFilm(film, found, odd / total) for film, found, odd in zip(films, clues, odds, strict=True)]
    return sorted(scored, key=lambda candidate: (-candidate.probability, candidate.film.id))


def compare_candidates(entry: Work, shortlist: Shortlist, index: FilmIndex) -> tuple[list[Work], list[Clues]]:
    """The films of a shortlist that nobody rejected, and their clues."""
    films = [index.films[place] for place in shortlist.places]
    if entry.rejected:
        films = [film for film in films if film.id not in entry.rejected]
    return films, [compare(entry, film, shortlist.around) for film in films]


def rank_candidates(entry: Work, shortlist: Shortlist, index: FilmIndex, model: Model) -> list[ScoredFilm]:
    """The films that may be the entry's work, most probable first."""
    return rank(*compare_candidates(entry, shortlist, index), model)
