"""Give a whole export one unchanging state of the database, without blocking those who write to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from domain.db.engine import create_db_engine, read_session, translate_storage_errors

_COPY_NAME = "base.db"


@contextmanager
def open_snapshot(engine: Engine, scratch: Path) -> Iterator[Session]:
    """Yield a session that sees one state of the database until the block ends. Raises UserError on a storage fault.

    A long reading would keep the writers of SQLite out: its file is first copied into `scratch`, which takes a second or two.
    """
    if engine.dialect.name != "sqlite":
        with read_session(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
            yield session
        return
    assert engine.url.database is not None
    copy_path = scratch / _COPY_NAME
    with translate_storage_errors(engine):
        _copy_database(Path(engine.url.database), copy_path)
    copy_engine = create_db_engine(f"sqlite:///{copy_path}")
    try:
        with read_session(copy_engine) as session:
            yield session
    finally:
        copy_engine.dispose()
        copy_path.unlink()


def _copy_database(source_path: Path, copy_path: Path) -> None:
    with closing(sqlite3.connect(source_path)) as source, closing(sqlite3.connect(copy_path)) as target:
        source.backup(target)
