"""Limit how many requests do the same heavy work at once, so that it never takes all the threads that serve the site."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from webapp.core.context import UnavailableError


class BusyError(UnavailableError):
    """Report that no slot was free in time; the description is the French sentence given by the caller."""


class WorkSlots:
    """Let a few requests work at once and a few more wait for their turn; an application has one for each kind of work."""

    def __init__(self, working: int, waiting: float = math.inf, *, timeout: float) -> None:
        """Take how many requests may work, how many more may wait, and for how many seconds one waits."""
        self.timeout = timeout
        self._capacity = working + waiting
        self._admitted = 0
        self._lock = Lock()
        self._working = Semaphore(working)

    @property
    def is_full(self) -> bool:
        """Whether as many requests work or wait as may."""
        return self._admitted >= self._capacity

    @contextmanager
    def reserve(self, busy_message: str) -> Iterator[None]:
        """Hold a slot for the length of the block.

        Raises BusyError with the message at once when others wait already, or when no slot is free in time.
        """
        if not self._admit():
            raise BusyError(busy_message)
        try:
            if not self._working.acquire(timeout=self.timeout):
                raise BusyError(busy_message)
            try:
                yield
            finally:
                self._working.release()
        finally:
            with self._lock:
                self._admitted -= 1

    def _admit(self) -> bool:
        with self._lock:
            if self.is_full:
                return False
            self._admitted += 1
            return True
