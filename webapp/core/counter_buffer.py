"""Counts of what the public does, kept in memory and written now and then: nobody waits for the database to be counted."""

import atexit
import logging
import threading
from collections import Counter
from datetime import date, datetime
from time import time

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from domain.common.errors import Problem
from domain.common.paris_time import day_in_paris
from domain.db.engine import writing
from domain.models.partner import PartnerCount
from domain.offers.neutral_order import PERIOD_SECONDS
from domain.partners.counters import Counted, CountTable, add_counts
from webapp.core.context import ENGINE

_TALLY = "ouvoir.tally"
_LONGEST = 100  # characters of a title counted: what its column holds
_MOST = 10_000  # things of a table counted apart between two writings: what a flood of invented titles may take of memory
_LOG = logging.getLogger(__name__)
_Line = tuple[CountTable, str, Counted, date]


class Tally:
    """Counts by table, column, thing and day in Paris, written when services are drawn anew; any thread may add to them.

    A writing makes the cache of answers forget everything: at that moment it holds nothing that is still good. While the
    database is busy, counts are kept for the next time.
    """

    def __init__(self, engine: Engine, delay: float | None = None) -> None:
        """`delay` is in seconds, from the first count to its writing; None is until the next draw of services."""
        self._engine, self._delay = engine, delay
        self._lock = threading.Lock()
        self._counts: Counter[_Line] = Counter()
        self._things: Counter[CountTable] = Counter()
        self._waiting = False

    def add(self, table: CountTable, key: Counted, at: datetime, column: str = "count") -> None:
        """Counts one more; returns at once. A new thing is left out when ten thousand others of its table wait already."""
        thing = key[:_LONGEST] if isinstance(key, str) else key
        counted = (table, column, thing, day_in_paris(at))
        with self._lock:
            if counted not in self._counts:
                if self._things[table] >= _MOST:
                    return
                self._things[table] += 1
            self._counts[counted] += 1
            self._write_later()

    def _write_later(self) -> None:
        if not self._waiting:
            self._waiting = True
            wait = PERIOD_SECONDS - time() % PERIOD_SECONDS if self._delay is None else self._delay
            timer = threading.Timer(wait, self.write)
            timer.daemon = True
            timer.start()

    def write(self, last: bool = False) -> None:
        """Adds to the database what was counted; what cannot be written now is kept for later, unless it is the `last` time."""
        with self._lock:
            taken, self._counts, self._waiting = self._counts, Counter(), False
            self._things.clear()
        if not taken:
            return
        by_table: dict[tuple[CountTable, str], dict[tuple[Counted, date], int]] = {}
        for (table, column, key, day), number in sorted(taken.items(), key=_rank):
            by_table.setdefault((table, column), {})[key, day] = number
        try:
            with writing(self._engine) as session:
                for (table, column), counts in by_table.items():
                    add_counts(session, table, counts, column)
        except (Problem, SQLAlchemyError) as error:
            # The kind of the error alone: its text may tell what readers typed.
            if last:
                _LOG.info("derniers comptages perdus : %s", type(error).__name__)
            else:
                _LOG.warning("comptages gardés pour plus tard : %s", type(error).__name__)
                self._keep(taken)

    def _keep(self, taken: Counter[_Line]) -> None:
        with self._lock:
            self._counts.update(taken)
            self._things = Counter(table for table, *_ in self._counts)
            self._write_later()


def _rank(counted: tuple[_Line, int]) -> tuple[str, bool]:
    """Servers write tables in the same order; a partner is known by what it loads, before what is followed from it."""
    table, column, _, _ = counted[0]
    return table.__name__, column != "loads"


def count(table: CountTable, key: Counted, at: datetime) -> None:
    """Counts one more of a thing on the application's tally."""
    tally().add(table, key, at)


def count_exit(origin: str, film_id: int, at: datetime) -> None:
    """Counts one more link followed from a partner's block; nothing for a partner that never loaded one."""
    tally().add(PartnerCount, (origin, film_id), at, "exits")


def count_load(app: Flask, origin: str, film_id: int, at: datetime) -> None:
    """Counts one more block loaded by a partner's page; outside of a request too."""
    found: Tally = app.extensions[_TALLY]
    found.add(PartnerCount, (origin, film_id), at, "loads")


def tally() -> Tally:
    """The application's tally."""
    found: Tally = current_app.extensions[_TALLY]
    return found


def register(app: Flask) -> None:
    """Gives the application a tally, written a last time when the program ends."""
    app.extensions[_TALLY] = Tally(app.extensions[ENGINE])
    atexit.register(app.extensions[_TALLY].write, last=True)
