"""Count what the public does in memory, and write the counts now and then: nobody waits for the database to be counted."""

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
_MAX_TITLE_LENGTH = 100  # what the column of counted titles holds
_MAX_PENDING_KEYS = 10_000  # of a table between two writings: the memory that a flood of invented titles may take
_LOG = logging.getLogger(__name__)
_PendingKey = tuple[CountTable, str, CountKey, date]
_DayCounts = dict[tuple[CountKey, date], int]


class BufferedCounter:
    """Count by table, column, key and day in Paris, and write the counts when services are drawn anew; threads may share it.

    A writing empties the cache of responses: at that moment it holds nothing that is still good. While the database is busy,
    counts are kept for the next time.
    """

    def __init__(self, engine: Engine, delay: float | None = None) -> None:
        """Take the delay in seconds from the first count to its writing; None waits for the next draw of services."""
        self._engine = engine
        self._delay = delay
        self._lock = threading.Lock()
        self._counts: Counter[_PendingKey] = Counter()
        self._key_counts: Counter[CountTable] = Counter()
        self._is_flush_scheduled = False

    def add(self, table: CountTable, key: CountKey, at: datetime, column: str = "count") -> None:
        """Count one more, at once. A new key is dropped when ten thousand others of its table wait to be written."""
        if isinstance(key, str):
            key = key[:_MAX_TITLE_LENGTH]
        pending_key = (table, column, key, get_paris_date(at))
        with self._lock:
            if pending_key not in self._counts:
                if self._key_counts[table] >= _MAX_PENDING_KEYS:
                    return
                self._key_counts[table] += 1
            self._counts[pending_key] += 1
            self._schedule_flush()

    def _schedule_flush(self) -> None:
        if self._is_flush_scheduled:
            return
        self._is_flush_scheduled = True
        delay = PERIOD_SECONDS - time() % PERIOD_SECONDS if self._delay is None else self._delay
        timer = threading.Timer(delay, self.flush)
        timer.daemon = True
        timer.start()

    def flush(self, is_last: bool = False) -> None:
        """Write the counts; those that cannot be written are kept for later, or lost when this is the last time."""
        counts = self._take_counts()
        if not counts:
            return
        try:
            self._write_counts(counts)
        except (UserError, SQLAlchemyError) as error:
            # The kind of the error alone: its text may tell what readers typed.
            if is_last:
                _LOG.info("derniers comptages perdus : %s", type(error).__name__)
            else:
                _LOG.warning("comptages gardés pour plus tard : %s", type(error).__name__)
                self._restore_counts(counts)

    def _take_counts(self) -> Counter[_PendingKey]:
        with self._lock:
            counts = self._counts
            self._counts = Counter()
            self._key_counts.clear()
            self._is_flush_scheduled = False
        return counts

    def _write_counts(self, counts: Counter[_PendingKey]) -> None:
        by_column: dict[tuple[CountTable, str], _DayCounts] = {}
        for (table, column, key, day), count in sorted(counts.items(), key=_get_write_order):
            by_column.setdefault((table, column), {})[key, day] = count
        with write_session(self._engine) as session:
            for (table, column), day_counts in by_column.items():
                add_counts(session, table, day_counts, column)

    def _restore_counts(self, counts: Counter[_PendingKey]) -> None:
        with self._lock:
            self._counts.update(counts)
            self._key_counts = Counter(table for table, *_ in self._counts)
            self._schedule_flush()


def _get_write_order(item: tuple[_PendingKey, int]) -> tuple[str, bool]:
    """Sort so that all servers write tables in the same order, and a partner's loads before the exits that refer to it."""
    table, column, _, _ = item[0]
    return table.__name__, column != "loads"


def count_event(table: CountTable, key: CountKey, at: datetime) -> None:
    """Count one more of something."""
    get_counter().add(table, key, at)


def count_exit(origin: str, film_id: int, at: datetime) -> None:
    """Count one more link followed from a partner's block; the database ignores a partner that never loaded one."""
    get_counter().add(PartnerCount, (origin, film_id), at, "exits")


def count_load(app: Flask, origin: str, film_id: int, at: datetime) -> None:
    """Count one more block loaded by a partner's page; works outside of a request."""
    counter: BufferedCounter = app.extensions[_COUNTER_KEY]
    counter.add(PartnerCount, (origin, film_id), at, "loads")


def get_counter() -> BufferedCounter:
    """Return the application's counter."""
    counter: BufferedCounter = current_app.extensions[_COUNTER_KEY]
    return counter


def init_app(app: Flask) -> None:
    """Give the application a counter, written a last time when the program ends."""
    counter = BufferedCounter(app.extensions[ENGINE_KEY])
    app.extensions[_COUNTER_KEY] = counter
    atexit.register(counter.flush, is_last=True)
