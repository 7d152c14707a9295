"""The scene, and a few films that people misspell."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine

from domain.common.enums import Access, Kind, TitleKind
from domain.common.titles import build_title_key
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.film import FilmTitle
from search.filters import NO_FILTERS, Filters
from search.results import Results, search_films
from tests.conftest import NOW
from tests.prepared import prepare_database, restore_database
from tests.scene import add_film, add_service, build_scene, make_offer
from webapp.app import create_app
from webapp.core.context import ENGINE_KEY
from webapp.core.title_index import get_title_index

Find = Callable[..., Results]
AMELIE, SAMURAI, COUPS, SPACE_2001, ORWELL, POULE, SPIDER_MAN, STALKER = range(20, 28)


FACTS: dict[int, tuple[str, tuple[str, str | None] | None, int, str, str]] = {
    AMELIE: ("Le Fabuleux Destin d'Amélie Poulain", None, 2001, "Jean-Pierre Jeunet", "France"),
    SAMURAI: ("Les Sept Samouraïs", ("Shichinin no samurai", "ja"), 1954, "Akira Kurosawa", "Japon"),
    COUPS: ("Les Quatre Cents Coups", None, 1959, "François Truffaut", "France"),
    SPACE_2001: ("2001, l'Odyssée de l'espace", ("2001: A Space Odyssey", "en"), 1968, "Stanley Kubrick", "Etats Unis"),
    ORWELL: ("1984", ("Nineteen Eighty-Four", "en"), 1984, "Michael Radford", "ROYAUME-UNI"),
    POULE: ("Poulet aux prunes", None, 2011, "Marjane Satrapi", "France"),
    SPIDER_MAN: ("Spider-Man", None, 2002, "Sam Raimi", "Etats-Unis"),
    STALKER: ("Сталкер", None, 1979, "Andreï Tarkovski", "URSS"),
}


def fill_database(engine: Engine, at: datetime) -> None:
    """The scene with these films, one of them at a library and for sale."""
    build_scene(engine, at)
    terms: dict[str, Any] = {"languages": ["VOST"], "quality": "UHD", "sdh": True}
    with write_session(engine) as session:
        for film_id, (title, original, year, director, country) in FACTS.items():
            add_film(session, film_id, title, original, year=year, directors=[director], countries=[country], kind=Kind.FILM)
        also, key = "Seven Samurai", build_title_key("Seven Samurai")
        session.add(FilmTitle(film_id=SAMURAI, title=also, kind=TitleKind.ALTERNATIVE, language="en", key=key))
        offers = [make_offer(Access.LIBRARY, **terms), make_offer(Access.BUY, 900)]
        add_service(session, "rare", "Rare Exemple", at, {COUPS: offers})


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with these films, copied for each test."""
    return prepare_database(
        tmp_path_factory.mktemp("films") / "films.db", sqlite_template, NOW, lambda engine: fill_database(engine, NOW)
    )


@pytest.fixture
def engine(sqlite_engine: Engine, filled: Path) -> Engine:
    restore_database(filled, sqlite_engine)
    return sqlite_engine


@pytest.fixture
def site(engine: Engine, moment: datetime) -> Flask:
    return create_app(engine)


@pytest.fixture(scope="session")
def read_only_site(filled: Path) -> Iterator[Flask]:
    """A site on these films for the tests that write nothing."""
    engine = create_db_engine(f"sqlite:///file:{filled}?mode=ro&uri=true")
    with time_machine.travel(NOW, tick=False):
        app = create_app(engine)
    yield app
    engine.dispose()


@pytest.fixture
def read_only_engine(read_only_site: Flask) -> Engine:
    engine: Engine = read_only_site.extensions[ENGINE_KEY]
    return engine


def make_search(site: Flask, moment: datetime) -> Find:
    def search(query: str, page: int = 1, filters: Filters = NO_FILTERS) -> Results:
        with site.app_context(), read_session(site.extensions[ENGINE_KEY]) as session:
            return search_films(session, get_title_index, query, page, moment, filters)

    return search


@pytest.fixture
def find(read_only_site: Flask, moment: datetime) -> Find:
    """Search the films that no test changes."""
    return make_search(read_only_site, moment)


@pytest.fixture
def find_added(site: Flask, moment: datetime) -> Find:
    """Search the films of `engine`, to which the test adds some."""
    return make_search(site, moment)


def get_film_ids(results: Results) -> list[int]:
    return [hit.film.id for hit in results.hits]
