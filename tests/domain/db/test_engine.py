"""Both databases, their transactions and their faults in one line."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

from domain.common.errors import UserError
from domain.db.engine import create_db_engine, is_wal_safe, read_session, write_session
from domain.db.migrate import upgrade
from domain.models.film import Film
from tests.domain.builders import make_film


def test_an_interrupted_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), write_session(engine) as session:
        session.add(make_film(1, "Playtime"))
        session.flush()
        raise RuntimeError
    with read_session(engine) as session:
        assert session.exec(select(Film)).all() == []


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_upgrading_twice_writes_nothing(engine: Engine) -> None:
    written: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: written.append(arguments[2]))
    upgrade(engine)
    assert [statement for statement in written if not statement.startswith(("SELECT", "BEGIN", "PRAGMA"))] == []


def test_a_locked_database_is_said_in_one_line(tmp_path: Path) -> None:
    engine = create_db_engine(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UserError, match="occupée par un autre programme"), write_session(engine) as session:
        session.add(make_film(1, "Playtime"))
    holder.close()
    engine.dispose()


def test_a_read_only_database_is_said_in_one_line(tmp_path: Path) -> None:
    engine = create_db_engine(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine)
    engine.dispose()
    read_only = create_db_engine(f"sqlite:///file:{tmp_path / 'x.db'}?mode=ro&uri=true")
    with pytest.raises(UserError, match="lecture seule"), write_session(read_only) as session:
        session.add(make_film(1, "Playtime"))
    read_only.dispose()


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("This is a text, long enough to be taken for a damaged header. " * 20)
    engine = create_db_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(UserError, match="n'est pas une base SQLite"):
        upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize("address", ["nonsense", "oracle://x", "postgresql://127.0.0.1:1/x"])
def test_an_address_that_leads_nowhere_is_said_in_one_line(address: str) -> None:
    with pytest.raises(UserError):
        upgrade(create_db_engine(address))


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_wal_only_where_sqlite_has_the_fix(version: tuple[int, int, int], safe: bool) -> None:
    assert is_wal_safe(version) is safe


def test_a_fault_never_tells_what_was_typed(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT missing FROM nowhere WHERE typed = :typed"), {"typed": "mon secret"})
    assert "secret" not in str(raised.value)
