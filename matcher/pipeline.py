"""Decide all the entries of a platform, chunk by chunk, on one processor or many."""

from collections.abc import Callable, Sequence

from domain.common.batches import iter_batches
from domain.common.settings import get_settings
from matcher.assignment.entries import assign_one_to_one
from matcher.blocking import FilmIndex
from matcher.decision import EntryDecision
from matcher.executors import open_executor
from matcher.model import Model
from matcher.work import Work

_CHUNK_SIZE = 500
ReportCount = Callable[[int], None]


def decide_independently(
    entries: Sequence[Work], index: FilmIndex, model: Model, workers: int = 1, report_count: ReportCount = lambda done: None
) -> list[EntryDecision]:
    """Decide each entry on its own, in their order; the decisions do not depend on the number of workers.

    `report_count` receives the number of entries decided so far. Raise UserError when OUVOIR_EXECUTOR cannot be used.
    """
    chunks = list(iter_batches(entries, _CHUNK_SIZE))
    decisions: list[EntryDecision] = []
    with open_executor(index, model, workers, get_settings().executor) as execute:
        for chunk_decisions in execute(chunks):
            decisions += chunk_decisions
            report_count(len(decisions))
    return decisions


def link_entries(
    entries: Sequence[Work], index: FilmIndex, model: Model, workers: int = 1, report_count: ReportCount = lambda done: None
) -> list[EntryDecision]:
    """Decide the entries of one platform, each film linked to one entry and its duplicate listings."""
    return assign_one_to_one(entries, decide_independently(entries, index, model, workers, report_count))
