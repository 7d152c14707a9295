"""All the entries of one platform decided, in one process or several."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from matcher.assignment import assign
from matcher.decision import EntryDecision, decide_entries
from matcher.model import Model
from matcher.shortlist import FilmIndex
from matcher.work import Work

_CHUNK = 500
_shared: dict[str, tuple[FilmIndex, Model]] = {}


def _share(index: FilmIndex, model: Model) -> None:
    _shared["matcher"] = (index, model)


def _decide_chunk(entries: Sequence[Work]) -> list[EntryDecision]:
    return decide_entries(entries, *_shared["matcher"])


def _decide_all(entries: Sequence[Work], index: FilmIndex, model: Model, workers: int) -> list[EntryDecision]:
    if workers == 1:
        return decide_entries(entries, index, model)
    # A forked child shares the index as it stands; elsewhere it is sent to each child once.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(method)
    chunks = [entries[start : start + _CHUNK] for start in range(0, len(entries), _CHUNK)]
    with ProcessPoolExecutor(workers, context, _share, (index, model)) as pool:
        return [outcome for outcomes in pool.map(_decide_chunk, chunks) for outcome in outcomes]


def link_entries(entries: Sequence[Work], index: FilmIndex, model: Model, workers: int = 1) -> list[EntryDecision]:
    """The outcome of each entry of one platform, in their order; the same whatever the number of workers."""
    return assign(entries, _decide_all(entries, index, model, workers))
