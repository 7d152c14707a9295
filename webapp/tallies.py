"""Counts of what the public does, kept in memory and written now and then: nobody waits for the database to be counted."""

import atexit
import logging
import threading
from collections import Counter
from datetime import date, datetime

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.counting import CountTable, add_counts
from records.database import writing
from records.errors import Problem
from webapp.context import ENGINE
from webapp.french import PARIS

_TALLY = "ouvoir.tally"
_DELAY = 60.0  # seconds
_MOST = 10_000  # things counted apart between two writings: what a flood of invented titles may take of memory
_LOG = logging.getLogger(__name__)
_Counted = tuple[CountTable, int | str, date]


class Tally:
    """Counts by table, thing and day in Paris, written at most once a minute; any thread may add to them.

    While the database is busy, they are kept for the next time.
    """

    def __init__(self, engine: Engine, delay: float = _DELAY) -> None:
        """`delay` is in seconds, from the first count to its writing."""
        self._engine, self._delay = engine, delay
        self._lock = threading.Lock()
        self._counts: Counter[_Counted] = Counter()
        self._waiting = False

    def add(self, table: CountTable, key: int | str, at: datetime) -> None:
        """Counts one more; returns at once. A new thing is left out when ten thousand others wait already."""
        counted = (table, key, at.astimezone(PARIS).date())
        with self._lock:
            if counted in self._counts or len(self._counts) < _MOST:
                self._counts[counted] += 1
                self._write_later()

    def _write_later(self) -> None:
        if not self._waiting:
            self._waiting = True
            timer = threading.Timer(self._delay, self.write)
            timer.daemon = True
            timer.start()

    def write(self, last: bool = False) -> None:
        """Adds to the database what was counted; what cannot be written now is kept for later, unless it is the `last` time."""
        with self._lock:
            taken, self._counts, self._waiting = self._counts, Counter(), False
        if not taken:
            return
        by_table: dict[CountTable, dict[tuple[int | str, date], int]] = {}
        for (table, key, day), number in taken.items():
            by_table.setdefault(table, {})[key, day] = number
        try:
            with writing(self._engine) as session:
                for table, counts in by_table.items():
                    add_counts(session, table, counts)
        except (Problem, SQLAlchemyError) as error:
            if last:
                _LOG.info("comptages de la dernière minute perdus : %s", error)
            else:
                _LOG.warning("comptages gardés pour plus tard : %s", error)
                self._keep(taken)

    def _keep(self, taken: Counter[_Counted]) -> None:
        with self._lock:
            self._counts.update(taken)
            self._write_later()


def count(table: CountTable, key: int | str, at: datetime) -> None:
    """Counts one more of a thing on the application's tally."""
    tally().add(table, key, at)


def tally() -> Tally:
    """The application's tally."""
    found: Tally = current_app.extensions[_TALLY]
    return found


def register(app: Flask) -> None:
    """Gives the application a tally, written a last time when the program ends."""
    app.extensions[_TALLY] = Tally(app.extensions[ENGINE])
    atexit.register(app.extensions[_TALLY].write, last=True)
