"""Decide all the entries of a platform, chunk by chunk, on one processor or many."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matcher.assignment.entries import assign_one_to_one
from matcher.blocking import FilmIndex
from matcher.decision import EntryDecision, decide_entries
from matcher.executors import count_processors, run_chunks
from matcher.habits import NO_HABITS, CatalogueHabits, learn_habits
from matcher.model import Model
from matcher.work import Work

_CHUNK_SIZE = 500
_MIN_SHARED_ENTRIES = 3_000
"""Fewer are decided by one process before others are ready to help."""
ReportCount = Callable[[int], None]


class _Task(NamedTuple):
    """What the processes that decide share."""

    entries: Sequence[Work]
    films: FilmIndex
    model: Model
    habits: CatalogueHabits


def _decide_range(task: _Task, positions: range) -> list[EntryDecision]:
    return decide_entries(task.entries[positions.start : positions.stop], task.films, task.model, habits=task.habits)


def decide_independently(
    entries: Sequence[Work],
    index: FilmIndex,
    model: Model,
    workers: int | None = None,
    report_count: ReportCount = lambda done: None,
    habits: CatalogueHabits = NO_HABITS,
) -> list[EntryDecision]:
    """Decide each entry on its own, in their order; the decisions do not depend on the number of workers.

    `habits` are those of the catalogue. By default, as many processes as there are processors decide many entries, and one
    decides a few. `report_count` receives the number of entries decided so far.
    """
    if workers is None:
        workers = count_processors() if len(entries) >= _MIN_SHARED_ENTRIES else 1
    starts = range(0, len(entries), _CHUNK_SIZE)
    chunks = (range(start, start + _CHUNK_SIZE) for start in starts)
    decisions: list[EntryDecision] = []
    task = _Task(entries, index, model, habits)
    for chunk_decisions in run_chunks(_decide_range, task, chunks, min(workers, max(len(starts), 1))):
        decisions += chunk_decisions
        report_count(len(decisions))
    return decisions


def link_entries(
    entries: Sequence[Work],
    index: FilmIndex,
    model: Model,
    workers: int | None = None,
    report_count: ReportCount = lambda done: None,
) -> list[EntryDecision]:
    """Decide the entries of one platform by its habits, each film linked to one entry and its duplicate listings."""
    habits = learn_habits(entries, index, model.year_shares)
    return assign_one_to_one(entries, decide_independently(entries, index, model, workers, report_count, habits))
