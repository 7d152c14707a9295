"""Define the types of a reconciliation: rows of somebody's own list, and the films that they may be.

The matcher implements `Reconciler`; the rooms below it only know these types.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from domain.common.enums import Kind


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """Represent what a row says of a film: its main title first, identifiers as (scheme, value)."""

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
    """Represent what speaks for a film (weight over 0, in log-odds) or against it; `label` is French: « titre exact »."""

    name: str
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class ReconciliationCandidate:
    """Represent a film that a row may be, its probability from 0 to 1, and why."""

    film_id: int
    probability: float
    comparisons: tuple[WeightedComparison, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciliationResult:
    """Represent the films that a row may be, most probable first; `is_match` when the first may be believed unseen.

    `reason` is one French line.
    """

    candidates: tuple[ReconciliationCandidate, ...]
    is_match: bool
    reason: str


Reconciler = Callable[[Sequence[ReconciliationQuery], int], Sequence[ReconciliationResult]]
"""Reconcile rows, each on its own, in their order, with so many candidates at most. Any thread may call it."""
ReconcilerFactory = Callable[[Session], Reconciler]
"""Read the whole reference base once: this takes seconds, and some kilobytes a film as long as the reconciler is kept."""
