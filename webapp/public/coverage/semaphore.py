"""Tables are counted one at a time: a heavy report never takes all the threads that serve the site."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.core.context import Unavailable

_PATIENCE = 20.0
_DOOR, _TURN = threading.Semaphore(3), threading.Semaphore(1)
"""Those that count or wait; the one that counts."""


@contextmanager
def in_turn() -> Iterator[None]:
    """The only count of this process while it lasts. Raises Unavailable when others wait already, or after twenty seconds."""
    busy = Unavailable("D’autres tableaux sont en cours de calcul : réessayez dans quelques secondes.")
    if not _DOOR.acquire(blocking=False):
        raise busy
    try:
        if not _TURN.acquire(timeout=_PATIENCE):
            raise busy
        try:
            yield
        finally:
            _TURN.release()
    finally:
        _DOOR.release()
