"""Run a function on chunks of work in this process or in several, which share what it needs, read only."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from domain.common.errors import UserError

Shared = TypeVar("Shared")
Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
_CHUNKS_AHEAD = 4
"""Chunks read in advance for each process: enough that none waits, few enough to stay small in memory."""


class _Worker:
    """Hold what a worker process runs and shares.

    A pool can only call module-level functions in its workers: what is sent with each chunk would be pickled each time.
    """

    function: Callable[[Any, Any], Any]
    shared: Any

    @classmethod
    def initialize(cls, function: Callable[[Any, Any], Any], shared: Any) -> None:
        cls.function = staticmethod(function)
        cls.shared = shared

    @classmethod
    def run(cls, chunk: Any) -> Any:
        return cls.function(cls.shared, chunk)


def count_processors() -> int:
    """Return the number of processors that this process may use."""
    with suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_chunks(
    function: Callable[[Shared, Chunk], Result], shared: Shared, chunks: Iterable[Chunk], workers: int
) -> Iterator[Result]:
    """Yield the result of a module's function on what is shared and each chunk, in the order of the chunks.

    A UserError is raised where one process alone would raise it.
    """
    if workers == 1:
        return (function(shared, chunk) for chunk in chunks)
    return _run_in_processes(function, shared, chunks, workers)


def _run_in_processes(
    function: Callable[[Shared, Chunk], Result], shared: Shared, chunks: Iterable[Chunk], workers: int
) -> Iterator[Result]:
    # Slow to import, for small work that one process does.
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    # A forked child has what is shared as it stands, frozen so that counting references copies no page; elsewhere it is sent.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    gc.freeze()
    with ProcessPoolExecutor(workers, multiprocessing.get_context(method), _Worker.initialize, (function, shared)) as pool:
        pending: deque[Future[Result]] = deque()
        for chunk in _defer_errors(chunks):
            run: Callable[[Any], Any] = _raise_error if isinstance(chunk, UserError) else _Worker.run
            pending.append(pool.submit(run, chunk))
            if len(pending) > workers * _CHUNKS_AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _defer_errors(chunks: Iterable[Chunk]) -> Iterator[Chunk | UserError]:
    """Yield the chunks, then the error that ended them: those before it may have their own to raise first."""
    try:
        yield from chunks
    except UserError as error:
        yield error


def _raise_error(error: UserError) -> Any:
    raise error
