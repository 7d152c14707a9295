"""Where records are kept: SQLite by default, PostgreSQL by choice, the same tables on both."""

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


def is_wal_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the WAL-reset fix: 3.44.6, 3.50.7, 3.51.3 and all later branches."""
    branch, patch = version[:2], version[2]
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
    """An engine on the database of the environment, or on another.

    Raises Problem when the address cannot be understood or its folder cannot be made.
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
    said = str(error.orig).lower()
    where = f"base de données {engine.url.render_as_string(hide_password=True)}"
    for sign, meaning in {
        "locked": "occupée par un autre programme, réessayez dans un instant",
        "readonly": "en lecture seule, rien n'a été écrit",
        "read-only": "en lecture seule, rien n'a été écrit",
        "unable to open": "impossible à ouvrir",
        "not a database": "ce fichier n'est pas une base SQLite",
        "malformed": "fichier endommagé",
        "disk is full": "disque plein, rien n'a été écrit",
        "connection": "serveur injoignable",
    }.items():
        if sign in said:
            return f"{where} : {meaning}"
    unreachable = engine.dialect.name == "postgresql" and isinstance(error, OperationalError)
    return f"{where} : serveur injoignable, ou accès refusé" if unreachable else None


@contextmanager
def translate_storage_errors(engine: Engine) -> Iterator[None]:
    """Turns the storage faults a person can mend into a Problem; others pass as they are."""
    try:
        yield
    except DBAPIError as error:
        if (meaning := _explain_storage_error(engine, error)) is None:
            raise
        raise StorageError(meaning) from error


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """A session that only reads."""
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
    """Nobody else writes in these tables until the transaction ends; on SQLite a writing transaction is alone already.

    Those who write in several of them must do so in the order given here.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.__tablename__ for table in tables)  # type: ignore[misc]
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
