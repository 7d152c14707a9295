"""Limit the memory of a process to one delivery body at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.refusals import IngestRefusedError, RefusalCode


class BodySlot:
    """Let one delivery at a time be read; `timeout` is in seconds, short because a waiting thread of the site serves nobody."""

    def __init__(self, timeout: float = 4.0) -> None:
        self.timeout = timeout
        self._semaphore = threading.BoundedSemaphore(1)

    @contextmanager
    def reserve(self) -> Iterator[None]:
        """Hold the slot while the block lasts. Raise IngestRefusedError when another delivery keeps it past the timeout."""
        if not self._semaphore.acquire(timeout=self.timeout):
            raise IngestRefusedError(RefusalCode.BODY_SLOT_BUSY)
        try:
            yield
        finally:
            self._semaphore.release()
