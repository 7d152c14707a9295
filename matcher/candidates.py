"""An entry's candidates: the films that may be its work, each with its clues and probability."""

import math
from dataclasses import dataclass

from matcher.clues import Clues, YearLevel, compare
from matcher.model import Model
from matcher.people import Agreement
from matcher.shortlist import FilmIndex
from matcher.work import Work


@dataclass(frozen=True, slots=True)
class ScoredFilm:
    """A film put forward: its clues, what each weighs, and the probability that it is the entry's work."""

    film: Work
    clues: Clues
    weighed: dict[str, float]
    probability: float


def rank_candidates(entry: Work, index: FilmIndex, model: Model) -> list[ScoredFilm]:
    """The films that may be the entry's work, most probable first; ties go to the smaller number."""
    pairs = _compared(entry, index)
    weighed = [model.weigh(clues) for _, clues in pairs]
    odds = [math.exp(model.score(weights)) for weights in weighed]
    total = 1 + sum(odds)
    found = [ScoredFilm(*pair, weights, odd / total) for pair, weights, odd in zip(pairs, weighed, odds, strict=True)]
    return sorted(found, key=lambda candidate: (-candidate.probability, candidate.film.id))


def _confirms(clues: Clues) -> bool:
    same_time = clues.year in (YearLevel.SAME, YearLevel.ONE)
    return clues.directors is Agreement.SAME or (same_time and clues.directors is not Agreement.DISJOINT)


def _compared(entry: Work, index: FilmIndex) -> list[tuple[Work, Clues]]:
    """Films of the same title or identifier; near ones only when none of these agrees on year or director."""
    homonyms = index.homonyms(entry)
    places = {*homonyms, *index.identified(entry)}
    pairs = [(index.films[place], compare(entry, index.films[place], len(homonyms))) for place in sorted(places)]
    if not any(_confirms(clues) for _, clues in pairs):
        near = [index.films[place] for place in index.near(entry) if place not in places]
        pairs += [(film, compare(entry, film, len(homonyms))) for film in near]
    return pairs
