"""Tables are counted one at a time: a heavy report never takes all the threads that serve the site."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.core.context import UnavailableError

_WAIT_TIMEOUT = 20.0
_WAITING_SLOTS, _COUNTING_SLOT = threading.Semaphore(3), threading.Semaphore(1)
"""Those that count or wait; the one that counts."""


@contextmanager
def reserve_counting_slot() -> Iterator[None]:
    """The only count of this process while it lasts. Raises Unavailable when others wait already, or after twenty seconds."""
    busy = UnavailableError("D’autres tableaux sont en cours de calcul : réessayez dans quelques secondes.")
    if not _WAITING_SLOTS.acquire(blocking=False):
        raise busy
    try:
        if not _COUNTING_SLOT.acquire(timeout=_WAIT_TIMEOUT):
            raise busy
        try:
            yield
        finally:
            _COUNTING_SLOT.release()
    finally:
        _WAITING_SLOTS.release()
