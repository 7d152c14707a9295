"""Give each test a copy of one small database and its export, made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.db.engine import create_db_engine
from tests.opendata.scene import export_database, fill_database


@pytest.fixture(scope="session")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a folder with a filled database, `base.db`, and its export, `opendata`."""
    folder = tmp_path_factory.mktemp("export")
    shutil.copy(sqlite_template, folder / "base.db")
    engine = create_db_engine(f"sqlite:///{folder / 'base.db'}")
    fill_database(engine)
    export_database(engine, folder / "opendata")
    engine.dispose()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """Copy the export for one test."""
    return Path(shutil.copytree(template / "opendata", tmp_path / "opendata", symlinks=True))


@pytest.fixture
def filled_engine(template: Path, tmp_path: Path) -> Iterator[Engine]:
    """Copy the database for one test."""
    shutil.copy(template / "base.db", tmp_path / "base.db")
    engine = create_db_engine(f"sqlite:///{tmp_path / 'base.db'}")
    yield engine
    engine.dispose()
