"""Databases prepared once for all tests, and poured into that of each."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import time_machine
from sqlalchemy import Engine

from domain.db.engine import create_db_engine


def prepare_database(path: Path, start: Path, at: datetime, fill: Callable[[Engine], None]) -> Path:
    """A copy of a SQLite file, filled as if it were that moment."""
    shutil.copy(start, path)
    engine = create_db_engine(f"sqlite:///{path}")
    with time_machine.travel(at, tick=False):
        fill(engine)
    engine.dispose()
    return path


def restore_database(prepared: Path, engine: Engine) -> None:
    """The database of an engine becomes the one prepared."""
    assert engine.url.database
    with closing(sqlite3.connect(prepared)) as whole, closing(sqlite3.connect(engine.url.database)) as database:
        whole.backup(database)
