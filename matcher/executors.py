"""Decide chunks of entries in this process, in several processes, or on a Dask cluster; the index is shared, read only."""

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager

from domain.common.errors import UserError
from matcher.blocking import FilmIndex
from matcher.decision import EntryDecision, decide_entries
from matcher.model import Model
from matcher.work import Work

Chunks = Iterable[Sequence[Work]]
DecidedChunks = Iterator[list[EntryDecision]]
Executor = Callable[[Chunks], DecidedChunks]
"""Decides chunks of entries, in their order."""

_DASK_SCHEME = "dask://"
_CONNECT_TIMEOUT = "10s"


class _Worker:
    """Hold the index and the model of a worker process.

    A pool can only call module-level functions in its workers: an index sent with each chunk would be pickled each time.
    """

    index: FilmIndex
    model: Model

    @classmethod
    def initialize(cls, index: FilmIndex, model: Model) -> None:
        cls.index = index
        cls.model = model

    @classmethod
    def decide_chunk(cls, entries: Sequence[Work]) -> list[EntryDecision]:
        return decide_entries(entries, cls.index, cls.model)


def open_executor(index: FilmIndex, model: Model, workers: int = 1, address: str = "") -> AbstractContextManager[Executor]:
    """Return an executor on so many processes of this machine, or on the Dask cluster at `address` (« dask://host:port »).

    Opening it raises UserError when the address is not valid, the cluster is out of reach, or the package « distributed »
    is missing.
    """
    if address:
        return _open_dask_executor(index, model, address)
    if workers == 1:
        return _open_local_executor(index, model)
    return _open_process_executor(index, model, workers)


@contextmanager
def _open_local_executor(index: FilmIndex, model: Model) -> Iterator[Executor]:
    yield lambda chunks: (decide_entries(chunk, index, model) for chunk in chunks)


@contextmanager
def _open_process_executor(index: FilmIndex, model: Model, workers: int) -> Iterator[Executor]:
    # A forked child shares the index as it stands, frozen so that counting references copies no page; elsewhere it is sent.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    gc.freeze()
    with ProcessPoolExecutor(workers, multiprocessing.get_context(method), _Worker.initialize, (index, model)) as pool:
        yield lambda chunks: pool.map(_Worker.decide_chunk, chunks)


@contextmanager
def _open_dask_executor(index: FilmIndex, model: Model, address: str) -> Iterator[Executor]:
    if not address.startswith(_DASK_SCHEME):
        raise UserError(f"OUVOIR_EXECUTOR : « {address} », attendu : dask://machine:port")
    try:
        from distributed import Client
    except ImportError:
        raise UserError("OUVOIR_EXECUTOR : le paquet « distributed » manque (pip install ouvoir[dask])") from None
    try:
        client = Client(f"tcp://{address.removeprefix(_DASK_SCHEME)}", timeout=_CONNECT_TIMEOUT, set_as_default=False)
    except (OSError, TimeoutError, ValueError):
        raise UserError(f"OUVOIR_EXECUTOR : aucun ordonnanceur Dask ne répond à {address}") from None
    with client:
        shared_index = client.scatter(index, broadcast=True, hash=False)

        def execute(chunks: Chunks) -> DecidedChunks:
            futures = client.map(decide_entries, list(chunks), index=shared_index, model=model, pure=False)
            return iter(client.gather(futures))

        yield execute
