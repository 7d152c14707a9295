"""Rows of somebody's own list and the films that they may be: what is asked of the matcher from above, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from domain.common.enums import Kind


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """What a row says of a film: titles from the one it is called by, identifiers as (scheme, value)."""

    titles: tuple[str, ...] = ()
    year: int | None = None
    release_year: int | None = None
    runtime_min: int | None = None
    directors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WeightedComparison:
    """What speaks for a film (weight over 0, in log-odds) or against it, told in French: « titre exact »."""

    name: str
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class ReconciliationCandidate:
    """A film that a row may be, how probably from 0 to 1, and why."""

    film_id: int
    probability: float
    comparisons: tuple[WeightedComparison, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciliationResult:
    """The films that a row may be, most probable first; `sure` when the first may be believed unseen; why, in French."""

    candidates: tuple[ReconciliationCandidate, ...]
    is_match: bool
    reason: str


Reconciler = Callable[[Sequence[ReconciliationQuery], int], Sequence[ReconciliationResult]]
"""Each row on its own, in their order, with so many candidates at most. Any thread may ask."""
ReconcilerFactory = Callable[[Session], Reconciler]
"""Reads the whole base, once: seconds, and some kilobytes a film for as long as the matching is kept."""
