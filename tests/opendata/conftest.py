"""One small base and its export, made once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.db.engine import create_db_engine
from tests.opendata.base import export_database, fill_database


@pytest.fixture(scope="session")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the base, `base.db`, and its export, `opendata`."""
    here = tmp_path_factory.mktemp("export")
    shutil.copy(sqlite_template, here / "base.db")
    engine = create_db_engine(f"sqlite:///{here / 'base.db'}")
    fill_database(engine)
    export_database(engine, here / "opendata")
    engine.dispose()
    return here


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """The export, for this test alone."""
    return Path(shutil.copytree(template / "opendata", tmp_path / "opendata", symlinks=True))


@pytest.fixture
def base(template: Path, tmp_path: Path) -> Iterator[Engine]:
    """The base, for this test alone."""
    shutil.copy(template / "base.db", tmp_path / "base.db")
    engine = create_db_engine(f"sqlite:///{tmp_path / 'base.db'}")
    yield engine
    engine.dispose()
