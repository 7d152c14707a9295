"""The matcher at hand: the base is read once, beside, again when it has changed, and one batch is matched at a time."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy import Engine

from domain.db.data_version import get_films_version
from domain.db.engine import read_session
from domain.linking.protocol import Reconciler, ReconcilerFactory, ReconciliationQuery, ReconciliationResult
from webapp.core.context import ENGINE_KEY, UnavailableError

_EXTENSION_KEY = "ouvoir.reconciliation"
_WAIT_SECONDS = 2.0  # seconds: a small base is read by then, the batch before is answered
_REFRESH_SECONDS = 600.0  # seconds between two readings, while somebody writes in the base
_MAX_WAITING_BATCHES = 3  # batches: one at work, the others wait; more would hold every thread of the server
_LOG = logging.getLogger(__name__)


class SharedMatcher:
    """One application's matcher; nothing is read until somebody asks for the service. Any thread may ask."""

    def __init__(self, engine: Engine, make: ReconcilerFactory | None) -> None:
        self._engine, self._make = engine, make
        self._lock, self._turn, self._door = threading.Lock(), threading.Lock(), threading.BoundedSemaphore(_MAX_WAITING_BATCHES)
        self._matching: Reconciler | None = None
        self._mark = ""
        self._read_at = 0.0
        self._reading: threading.Thread | None = None

    def start_loading(self) -> None:
        """Starts reading the base where it must be, beside. Raises Unavailable where no matcher was handed over."""
        if self._make is None:
            raise UnavailableError("Le rapprochement n’est pas en service sur ce site.")
        with self._lock:
            if self._reading is None and self._is_due():
                self._reading = threading.Thread(target=self._load_base, args=(self._make,), daemon=True)
                self._reading.start()

    def match_rows(self, rows: Sequence[ReconciliationQuery], limit: int) -> Sequence[ReconciliationResult]:
        """The films that rows may be, as the base stands or just stood. Raises Unavailable."""
        self.start_loading()
        with self._take_turn():
            return (self._matching or self._wait_for_matching())(rows, limit)

    def wait_until_loaded(self, timeout: float | None = None) -> None:
        """Returns when the base is not being read, or after so many seconds."""
        if reading_it := self._reading:
            reading_it.join(timeout)

    def _wait_for_matching(self) -> Reconciler:
        self.wait_until_loaded(_WAIT_SECONDS)
        if self._matching is None:
            raise UnavailableError("Le service de rapprochement lit la base : réessayez dans quelques secondes.")
        return self._matching

    @contextmanager
    def _take_turn(self) -> Iterator[None]:
        busy = UnavailableError("D’autres listes sont en cours de rapprochement : réessayez dans quelques secondes.")
        if not self._door.acquire(blocking=False):
            raise busy
        try:
            if not self._turn.acquire(timeout=_WAIT_SECONDS):
                raise busy
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._door.release()

    def _is_due(self) -> bool:
        if self._matching is None:
            return True
        if time.monotonic() - self._read_at < _REFRESH_SECONDS:
            return False
        with read_session(self._engine) as session:
            return get_films_version(session) != self._mark

    def _load_base(self, make: ReconcilerFactory) -> None:
        try:
            with read_session(self._engine) as session:
                mark = get_films_version(session)  # before the rest: what is written meanwhile is read next time
                self._matching, self._mark, self._read_at = make(session), mark, time.monotonic()
        except Exception:
            _LOG.exception("rapprochement : la base n'a pas pu être lue")
        finally:
            self._reading = None


def get_matcher() -> SharedMatcher:
    """The application's matcher."""
    found: SharedMatcher = current_app.extensions[_EXTENSION_KEY]
    return found


def init_app(app: Flask, make: ReconcilerFactory | None) -> None:
    """Gives the application its matcher, as it is handed over from above; None where there is none."""
    app.extensions[_EXTENSION_KEY] = SharedMatcher(app.extensions[ENGINE_KEY], make)
