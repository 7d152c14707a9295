"""One state of the base for a whole export, without holding up those who write in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Engine
from sqlmodel import Session

from domain.db.engine import create_db_engine, read_session, translate_storage_errors

_COPY_NAME = "base.db"


@contextmanager
def open_snapshot(engine: Engine, scratch: Path) -> Iterator[Session]:
    """A session that sees one state of the base until its end. Raises Problem on a storage fault.

    A long reading would keep writers of SQLite out: the file is copied in `scratch` first, which takes a second or two.
    """
    if engine.dialect.name != "sqlite":
        with read_session(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
            yield session
        return
    with translate_storage_errors(engine):
        _copy_database(Path(cast(str, engine.url.database)), scratch / _COPY_NAME)
    copy = create_db_engine(f"sqlite:///{scratch / _COPY_NAME}")
    try:
        with read_session(copy) as session:
            yield session
    finally:
        copy.dispose()
        (scratch / _COPY_NAME).unlink()


def _copy_database(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
