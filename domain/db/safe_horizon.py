"""Until when all that was written is known: what a reader who follows changes may be given without missing any later.

A transaction is stamped with a moment, and may be committed minutes after it. While one is open, what is stamped since it began
may still come; a stamp is taken `_AHEAD` before its transaction begins at most.
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
    """Watches the writers of one database; any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._quiet = _EPOCH

    def get_horizon(self, now: datetime) -> datetime:
        """The moment until which nothing more will come; long ago when the database cannot tell."""
        try:
            began = self._get_sqlite_horizon(now) if self._engine.dialect.name == "sqlite" else self._get_postgresql_horizon(now)
        except (sqlite3.Error, SQLAlchemyError):
            began = _EPOCH
        return began - _MAX_STAMP_LEAD

    def _get_sqlite_horizon(self, now: datetime) -> datetime:
        """There is one writer at a time: when its place can be taken, nobody is writing. Else, the last time that it could."""
        with self._lock, closing(sqlite3.connect(cast(Any, self._engine.url.database), timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
                self._quiet = now
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            return self._quiet

    def _get_postgresql_horizon(self, now: datetime) -> datetime:
        with self._engine.connect() as connection:
            oldest: datetime | None = connection.scalar(_OLDEST_TRANSACTION_QUERY)
            return min(oldest, now) if oldest else now
