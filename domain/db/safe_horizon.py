"""Find until when all changes are known, so that a reader who follows them misses none.

A transaction stamps what it writes with a moment, and may commit minutes later. While one is open, changes stamped since it began
may still appear. A stamp is taken at most `_MAX_STAMP_LEAD` before its transaction begins.
"""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

_MAX_STAMP_LEAD = timedelta(minutes=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Readers count too: nothing tells them from a writer that has not written yet. Other users of the server are not seen.
_OLDEST_TRANSACTION_QUERY = text(
    "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class ChangeHorizon:
    """Follow the open transactions of one database; safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._last_idle_at = _EPOCH

    def get_horizon(self, now: datetime) -> datetime:
        """Return the newest moment before which no change can still appear; 1970 when the database cannot tell."""
        try:
            if self._engine.dialect.name == "sqlite":
                oldest_start = self._get_sqlite_horizon(now)
            else:
                oldest_start = self._get_postgresql_horizon(now)
        except (sqlite3.Error, SQLAlchemyError):
            oldest_start = _EPOCH
        return oldest_start - _MAX_STAMP_LEAD

    def _get_sqlite_horizon(self, now: datetime) -> datetime:
        """Return now when nobody is writing, else the last time that nobody was: SQLite has one writer at a time."""
        with self._lock, closing(sqlite3.connect(cast(Any, self._engine.url.database), timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
                self._last_idle_at = now
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            return self._last_idle_at

    def _get_postgresql_horizon(self, now: datetime) -> datetime:
        """Return when the oldest open transaction began, now without any."""
        with self._engine.connect() as connection:
            oldest: datetime | None = connection.scalar(_OLDEST_TRANSACTION_QUERY)
            return min(oldest, now) if oldest else now
