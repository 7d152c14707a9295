"""Connect to the database, SQLite by default or PostgreSQL, and open sessions that read or write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlmodel import Session, SQLModel

from domain.common.errors import StorageError, UserError
from domain.common.settings import get_settings

# Older versions may corrupt a WAL file shared by several writers (sqlite.org/wal.html, WAL-reset bug).
_WAL_FIXED_PATCHES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
_STORAGE_ERRORS = {
    "locked": "occupée par un autre programme, réessayez dans un instant",
    "readonly": "en lecture seule, rien n'a été écrit",
    "read-only": "en lecture seule, rien n'a été écrit",
    "unable to open": "impossible à ouvrir",
    "not a database": "ce fichier n'est pas une base SQLite",
    "malformed": "fichier endommagé",
    "disk is full": "disque plein, rien n'a été écrit",
    "connection": "serveur injoignable",
}
"""What a person can do something about, by a part of the database's own message."""


def is_wal_safe(version: tuple[int, int, int]) -> bool:
    """Tell whether a version of SQLite has the fix of the WAL-reset bug: 3.44.6, 3.50.7, 3.51.3 and all later branches."""
    branch = version[:2]
    patch = version[2]
    return branch > (3, 51) or patch >= _WAL_FIXED_PATCHES.get(branch, 1_000)


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    journal = "WAL" if is_wal_safe(sqlite3.sqlite_version_info) else "DELETE"
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_spill = OFF")  # a long write spilling its pages early would lock readers out until its end
    if connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != journal:
        connection.execute(f"PRAGMA journal_mode = {journal}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def create_db_engine(url: str | None = None) -> Engine:
    """Create an engine on the configured database, or on another.

    Raises UserError when the address is invalid or the folder of a SQLite file cannot be created.
    """
    try:
        address = make_url(url or get_settings().database_url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite" and address.database and not address.database.startswith("file:"):
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, hide_parameters=True)  # what readers typed must not reach the log
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise UserError("OUVOIR_DATABASE_URL : adresse de base de données incomprise (sqlite:///… ou postgresql://…)") from None
    except OSError as error:
        raise UserError(f"base de données {address.database} : dossier impossible à créer ({error.strerror})") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _explain_storage_error(engine: Engine, error: DBAPIError) -> str | None:
    """Explain a storage error in French, None for one that nobody but us can repair."""
    driver_message = str(error.orig).lower()
    database = f"base de données {engine.url.render_as_string(hide_password=True)}"
    for fragment, explanation in _STORAGE_ERRORS.items():
        if fragment in driver_message:
            return f"{database} : {explanation}"
    if engine.dialect.name == "postgresql" and isinstance(error, OperationalError):
        return f"{database} : serveur injoignable, ou accès refusé"
    return None


@contextmanager
def translate_storage_errors(engine: Engine) -> Iterator[None]:
    """Raise StorageError for the storage errors that a person can do something about; let others through."""
    try:
        yield
    except DBAPIError as error:
        explanation = _explain_storage_error(engine, error)
        if explanation is None:
            raise
        raise StorageError(explanation) from error


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """Open a session that only reads."""
    with translate_storage_errors(engine), Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def write_session(engine: Engine) -> Iterator[Session]:
    """Open one transaction: all of it is committed, or nothing."""
    from domain.models import registry  # noqa: F401  (a flush needs every table that the one written refers to)

    with (
        translate_storage_errors(engine),
        Session(engine.execution_options(writes=True), expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def lock_tables(session: Session, *tables: type[SQLModel]) -> None:
    """Keep others from writing in these tables until the transaction ends; SQLite allows one writing transaction anyway.

    To avoid deadlocks, all transactions must lock tables in the same order.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.__tablename__ for table in tables)  # type: ignore[misc]
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
