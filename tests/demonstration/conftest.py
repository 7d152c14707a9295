"""One built demonstration for the tests of this room."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demonstration.build import build
from demonstration.catalogues import demonstration_films
from demonstration.services import FILMS, serve_platforms
from domain.db.engine import connect
from domain.films.formats import FilmLine


@dataclass(frozen=True)
class Built:
    """A built demonstration whose services still answer."""

    engine: Engine
    origins: dict[str, str]
    said: list[str]


@pytest.fixture(scope="session")
def films() -> list[FilmLine]:
    return demonstration_films(FILMS)


@pytest.fixture(scope="session")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    path = tmp_path_factory.mktemp("demonstration") / "ouvoir.db"
    shutil.copy(sqlite_template, path)
    engine = connect(f"sqlite:///{path}")
    said: list[str] = []
    with serve_platforms(0) as origins:
        build(engine, origins, said.append)
        yield Built(engine, origins, said)
    engine.dispose()
