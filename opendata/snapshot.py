"""One state of the base for a whole export, without holding up those who write in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Engine
from sqlmodel import Session

from domain.db.engine import connect, explained, reading

_COPY = "base.db"


@contextmanager
def snapshot(engine: Engine, scratch: Path) -> Iterator[Session]:
    """A session that sees one state of the base until its end. Raises Problem on a storage fault.

    A long reading would keep writers of SQLite out: the file is copied in `scratch` first, which takes a second or two.
    """
    if engine.dialect.name != "sqlite":
        with reading(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
            yield session
        return
    with explained(engine):
        _copy(Path(cast(str, engine.url.database)), scratch / _COPY)
    copy = connect(f"sqlite:///{scratch / _COPY}")
    try:
        with reading(copy) as session:
            yield session
    finally:
        copy.dispose()
        (scratch / _COPY).unlink()


def _copy(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
