"""One built demonstration for the tests of this room."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demonstration.build import build_demonstration
from demonstration.catalogues import read_demonstration_films
from demonstration.services import FILMS, serve_platforms
from domain.db.engine import create_db_engine
from domain.films.formats import FilmRecord
from tests.forked_launch import launch_forked


@dataclass(frozen=True)
class BuiltDemonstration:
    """A built demonstration whose services still answer."""

    engine: Engine
    origins: dict[str, str]
    messages: list[str]


@pytest.fixture(scope="session")
def films() -> list[FilmRecord]:
    return read_demonstration_films(FILMS)


@pytest.fixture(scope="session")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltDemonstration]:
    path = tmp_path_factory.mktemp("demonstration") / "ouvoir.db"
    shutil.copy(sqlite_template, path)
    engine = create_db_engine(f"sqlite:///{path}")
    messages: list[str] = []
    with serve_platforms(0) as origins:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("crawlers.process_runner.launch_module", launch_forked)
            build_demonstration(engine, origins, messages.append)
        yield BuiltDemonstration(engine, origins, messages)
    engine.dispose()
