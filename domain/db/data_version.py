"""Whether anything was written in the database since: what an answer made before may be compared with."""

import sqlite3
import threading
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from domain.models.film import Film, FilmTitle


class ChangeDetector:
    """Watches one database, whoever writes in it; any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._watch: sqlite3.Connection | None = None

    def get_version(self) -> str:
        """A mark that changes with every transaction that is committed; one of its own when the database cannot be asked."""
        try:
            return self._get_sqlite_version() if self._engine.dialect.name == "sqlite" else self._get_postgresql_version()
        except (sqlite3.Error, SQLAlchemyError):
            return uuid4().hex

    def _get_sqlite_version(self) -> str:
        """SQLite counts the commits of others for each connection: this one never writes."""
        with self._lock:
            if self._watch is None:
                self._watch = sqlite3.connect(cast(Any, self._engine.url.database), check_same_thread=False)
            (version,) = self._watch.execute("PRAGMA data_version").fetchone()
            return str(version)

    def _get_postgresql_version(self) -> str:
        """The transactions that are over and those that are not: a long one that ends changes it too."""
        with self._engine.connect() as connection:
            return str(connection.scalar(text("SELECT pg_current_snapshot()::text")))


def get_films_version(session: Session) -> str:
    """What changes with the films of the base and their titles: two looks at the ends of indexes, whatever its size."""
    films = session.exec(select(func.max(col(Film.updated_at)))).one()
    titles = session.exec(select(func.max(col(FilmTitle.id)))).one()
    return f"{films} {titles}"
