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

from domain.common.errors import UserError
from domain.common.paris_time import get_paris_date
from domain.db.engine import write_session
from domain.models.partner import PartnerCount
from domain.offers.neutral_order import PERIOD_SECONDS
from domain.partners.counters import CountKey, CountTable, add_counts
from webapp.core.context import ENGINE_KEY

_COUNTER_KEY = "ouvoir.tally"
_MAX_TITLE_LENGTH = 100  # characters of a title counted: what its column holds
_MAX_PENDING_KEYS = (
    10_000  # things of a table counted apart between two writings: what a flood of invented titles may take of memory
)
_LOG = logging.getLogger(__name__)
_PendingKey = tuple[CountTable, str, CountKey, date]


class BufferedCounter:
    """Counts by table, column, thing and day in Paris, written when services are drawn anew; any thread may add to them.

    A writing makes the cache of answers forget everything: at that moment it holds nothing that is still good. While the
    database is busy, counts are kept for the next time.
    """

    def __init__(self, engine: Engine, delay: float | None = None) -> None:
        """`delay` is in seconds, from the first count to its writing; None is until the next draw of services."""
        self._engine, self._delay = engine, delay
        self._lock = threading.Lock()
        self._counts: Counter[_PendingKey] = Counter()
        self._things: Counter[CountTable] = Counter()
        self._waiting = False

    def add(self, table: CountTable, key: CountKey, at: datetime, column: str = "count") -> None:
        """Counts one more; returns at once. A new thing is left out when ten thousand others of its table wait already."""
        thing = key[:_MAX_TITLE_LENGTH] if isinstance(key, str) else key
        counted = (table, column, thing, get_paris_date(at))
        with self._lock:
            if counted not in self._counts:
                if self._things[table] >= _MAX_PENDING_KEYS:
                    return
                self._things[table] += 1
            self._counts[counted] += 1
            self._schedule_flush()

    def _schedule_flush(self) -> None:
        if not self._waiting:
            self._waiting = True
            wait = PERIOD_SECONDS - time() % PERIOD_SECONDS if self._delay is None else self._delay
            timer = threading.Timer(wait, self.flush)
            timer.daemon = True
            timer.start()

    def flush(self, is_last: bool = False) -> None:
        """Adds to the database what was counted; what cannot be written now is kept for later, unless it is the `last` time."""
        with self._lock:
            taken, self._counts, self._waiting = self._counts, Counter(), False
            self._things.clear()
        if not taken:
            return
        by_table: dict[tuple[CountTable, str], dict[tuple[CountKey, date], int]] = {}
        for (table, column, key, day), number in sorted(taken.items(), key=_get_write_order):
            by_table.setdefault((table, column), {})[key, day] = number
        try:
            with write_session(self._engine) as session:
                for (table, column), counts in by_table.items():
                    add_counts(session, table, counts, column)
        except (UserError, SQLAlchemyError) as error:
            # The kind of the error alone: its text may tell what readers typed.
            if is_last:
                _LOG.info("derniers comptages perdus : %s", type(error).__name__)
            else:
                _LOG.warning("comptages gardés pour plus tard : %s", type(error).__name__)
                self._restore_counts(taken)

    def _restore_counts(self, counts: Counter[_PendingKey]) -> None:
        with self._lock:
            self._counts.update(counts)
            self._things = Counter(table for table, *_ in self._counts)
            self._schedule_flush()


def _get_write_order(counted: tuple[_PendingKey, int]) -> tuple[str, bool]:
    """Servers write tables in the same order; a partner is known by what it loads, before what is followed from it."""
    table, column, _, _ = counted[0]
    return table.__name__, column != "loads"


def count_event(table: CountTable, key: CountKey, at: datetime) -> None:
    """Counts one more of a thing on the application's tally."""
    get_counter().add(table, key, at)


def count_exit(origin: str, film_id: int, at: datetime) -> None:
    """Counts one more link followed from a partner's block; nothing for a partner that never loaded one."""
    get_counter().add(PartnerCount, (origin, film_id), at, "exits")


def count_load(app: Flask, origin: str, film_id: int, at: datetime) -> None:
    """Counts one more block loaded by a partner's page; outside of a request too."""
    found: BufferedCounter = app.extensions[_COUNTER_KEY]
    found.add(PartnerCount, (origin, film_id), at, "loads")


def get_counter() -> BufferedCounter:
    """The application's tally."""
    found: BufferedCounter = current_app.extensions[_COUNTER_KEY]
    return found


def init_app(app: Flask) -> None:
    """Gives the application a tally, written a last time when the program ends."""
    app.extensions[_COUNTER_KEY] = BufferedCounter(app.extensions[ENGINE_KEY])
    atexit.register(app.extensions[_COUNTER_KEY].flush, is_last=True)
