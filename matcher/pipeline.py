"""All the entries of one platform decided, chunk by chunk, wherever the work is done."""

from collections.abc import Callable, Sequence

from domain.common.settings import get_settings
from matcher.assignment.entries import assign_one_to_one
from matcher.blocking import FilmIndex
from matcher.decision import EntryDecision
from matcher.executors import open_executor
from matcher.model import Model
from matcher.work import Work

_CHUNK_SIZE = 500


def decide_independently(
    entries: Sequence[Work],
    index: FilmIndex,
    model: Model,
    workers: int = 1,
    advance: Callable[[int], None] = lambda done: None,
) -> list[EntryDecision]:
    """The outcome of each entry on its own, in their order; the same whatever the number of workers, and wherever they are.

    `advance` is told how many entries are decided so far. Raises Problem when OUVOIR_EXECUTOR names what cannot be used.
    """
    chunks = [entries[start : start + _CHUNK_SIZE] for start in range(0, len(entries), _CHUNK_SIZE)]
    decided: list[EntryDecision] = []
    with open_executor(index, model, workers, get_settings().executor) as execute:
        for outcomes in execute(chunks):
            decided += outcomes
            advance(len(decided))
    return decided


def link_entries(
    entries: Sequence[Work],
    index: FilmIndex,
    model: Model,
    workers: int = 1,
    advance: Callable[[int], None] = lambda done: None,
) -> list[EntryDecision]:
    """The outcome of each entry of one platform, one film an entry but for repeats; see `decide_alone`."""
    return assign_one_to_one(entries, decide_independently(entries, index, model, workers, advance))
