"""Tell whether anything was written in the database since an answer was made."""

import sqlite3
import threading
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from domain.models.film import Film, FilmTitle


class ChangeDetector:
    """Follow the writes of all processes in one database; safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._sqlite_connection: sqlite3.Connection | None = None

    def get_version(self) -> str:
        """Return a text that changes with every commit; always a new one when the database cannot be read."""
        try:
            if self._engine.dialect.name == "sqlite":
                return self._get_sqlite_version()
            return self._get_postgresql_version()
        except (sqlite3.Error, SQLAlchemyError):
            return uuid4().hex

    def _get_sqlite_version(self) -> str:
        """Return SQLite's count of the commits of other connections: the one that asks never writes."""
        with self._lock:
            if self._sqlite_connection is None:
                self._sqlite_connection = sqlite3.connect(cast(Any, self._engine.url.database), check_same_thread=False)
            (version,) = self._sqlite_connection.execute("PRAGMA data_version").fetchone()
            return str(version)

    def _get_postgresql_version(self) -> str:
        """Return PostgreSQL's snapshot: which transactions are over. The end of a long one changes it too."""
        with self._engine.connect() as connection:
            return str(connection.scalar(text("SELECT pg_current_snapshot()::text")))


def get_films_version(session: Session) -> str:
    """Return a text that changes with the films and their titles; read at the ends of two indexes, whatever their number."""
    last_update = session.exec(select(func.max(col(Film.updated_at)))).one()
    last_title_id = session.exec(select(func.max(col(FilmTitle.id)))).one()
    return f"{last_update} {last_title_id}"
