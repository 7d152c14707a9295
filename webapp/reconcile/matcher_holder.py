"""The matcher at hand: the base is read once, beside, again when it has changed, and one batch is matched at a time."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy import Engine

from domain.db.data_version import base_mark
from domain.db.engine import reading
from domain.linking.protocol import Described, Found, Matching, MatchingMaker
from webapp.core.context import ENGINE, Unavailable

_MATCHER = "ouvoir.reconciliation"
_PATIENCE = 2.0  # seconds: a small base is read by then, the batch before is answered
_APART = 600.0  # seconds between two readings, while somebody writes in the base
_AT_DOOR = 3  # batches: one at work, the others wait; more would hold every thread of the server
_LOG = logging.getLogger(__name__)


class Standing:
    """One application's matcher; nothing is read until somebody asks for the service. Any thread may ask."""

    def __init__(self, engine: Engine, make: MatchingMaker | None) -> None:
        self._engine, self._make = engine, make
        self._lock, self._turn, self._door = threading.Lock(), threading.Lock(), threading.BoundedSemaphore(_AT_DOOR)
        self._matching: Matching | None = None
        self._mark = ""
        self._read_at = 0.0
        self._reading: threading.Thread | None = None

    def prepare(self) -> None:
        """Starts reading the base where it must be, beside. Raises Unavailable where no matcher was handed over."""
        if self._make is None:
            raise Unavailable("Le rapprochement n’est pas en service sur ce site.")
        with self._lock:
            if self._reading is None and self._is_due():
                self._reading = threading.Thread(target=self._read, args=(self._make,), daemon=True)
                self._reading.start()

    def match(self, rows: Sequence[Described], most: int) -> Sequence[Found]:
        """The films that rows may be, as the base stands or just stood. Raises Unavailable."""
        self.prepare()
        with self._in_turn():
            return (self._matching or self._first())(rows, most)

    def wait(self, timeout: float | None = None) -> None:
        """Returns when the base is not being read, or after so many seconds."""
        if reading_it := self._reading:
            reading_it.join(timeout)

    def _first(self) -> Matching:
        self.wait(_PATIENCE)
        if self._matching is None:
            raise Unavailable("Le service de rapprochement lit la base : réessayez dans quelques secondes.")
        return self._matching

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        busy = Unavailable("D’autres listes sont en cours de rapprochement : réessayez dans quelques secondes.")
        if not self._door.acquire(blocking=False):
            raise busy
        try:
            if not self._turn.acquire(timeout=_PATIENCE):
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
        if time.monotonic() - self._read_at < _APART:
            return False
        with reading(self._engine) as session:
            return base_mark(session) != self._mark

    def _read(self, make: MatchingMaker) -> None:
        try:
            with reading(self._engine) as session:
                mark = base_mark(session)  # before the rest: what is written meanwhile is read next time
                self._matching, self._mark, self._read_at = make(session), mark, time.monotonic()
        except Exception:
            _LOG.exception("rapprochement : la base n'a pas pu être lue")
        finally:
            self._reading = None


def standing() -> Standing:
    """The application's matcher."""
    found: Standing = current_app.extensions[_MATCHER]
    return found


def register(app: Flask, make: MatchingMaker | None) -> None:
    """Gives the application its matcher, as it is handed over from above; None where there is none."""
    app.extensions[_MATCHER] = Standing(app.extensions[ENGINE], make)
