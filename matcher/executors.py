"""Where chunks of entries are decided: in this process, in several, or on a Dask cluster. The index is shared, read only."""

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

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
_worker_state: dict[str, tuple[FilmIndex, Model]] = {}


def _init_worker(index: FilmIndex, model: Model) -> None:
    _worker_state["matcher"] = (index, model)


def _decide_chunk(entries: Sequence[Work]) -> list[EntryDecision]:
    return decide_entries(entries, *_worker_state["matcher"])


@contextmanager
def open_executor(index: FilmIndex, model: Model, workers: int = 1, address: str = "") -> Iterator[Executor]:
    """An executor on so many processes of this machine, or on the Dask cluster at `address` (« dask://host:port »).

    Raises Problem when the address cannot be understood, the cluster reached, or the package « distributed » found.
    """
    if address:
        with _open_dask_executor(index, model, address) as execute:
            yield execute
    elif workers == 1:
        yield lambda chunks: (decide_entries(chunk, index, model) for chunk in chunks)
    else:
        # A forked child shares the index as it stands, frozen so that counting references copies no page; elsewhere it is sent.
        method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
        gc.freeze()
        with ProcessPoolExecutor(workers, multiprocessing.get_context(method), _init_worker, (index, model)) as pool:
            yield lambda chunks: pool.map(_decide_chunk, chunks)


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
        shared = client.scatter(index, broadcast=True, hash=False)
        yield lambda chunks: iter(client.gather(client.map(decide_entries, list(chunks), index=shared, model=model, pure=False)))
