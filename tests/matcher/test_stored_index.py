"""The stored index of the database's films is renewed for what changed, and equals at any time the index just built."""

import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from domain.common.enums import Kind, TitleKind
from domain.common.titles import build_title_key
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.film import Film, FilmIdentifier, FilmTitle
from matcher import stored_index
from matcher.blocking import FilmIndex
from matcher.loaders.database import read_films
from matcher.stored_index import open_database_index
from tests.domain.builders import make_film
from tests.matcher.index_contents import describe_index

FILM_COUNT = 40
NEW_FACTS: list[tuple[str, object]] = [
    ("title", "Sans toit ni loi"),
    ("original_title", "Vagabond"),
    ("year", 1985),
    ("release_date", date(1985, 12, 4)),
    ("runtime_min", 105),
    ("directors", ["Chantal Akerman"]),
    ("countries", ["BE"]),
    ("kind", Kind.SHORT),
    ("popularity", 12.5),
]


@pytest.fixture(autouse=True)
def _own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))


@pytest.fixture
def films(engine: Engine) -> Engine:
    """Films with titles, people, dates and identifiers, of ids that are not in the order of their texts."""
    with write_session(engine) as session:
        for film_id in range(1, FILM_COUNT):
            add_film(session, film_id)
    return engine


def add_film(session: Session, film_id: int) -> None:
    film = make_film(film_id, f"Les Nuits {film_id % 7}", 1960 + film_id % 11)
    film.directors, film.countries, film.runtime_min = [f"Agnès Varda{film_id % 5}"], ["France"], 80 + film_id % 3
    session.add(film)
    session.flush()
    add_title(session, film_id, f"Nights of {film_id % 9}")
    session.add(FilmIdentifier(film_id=film_id, scheme="imdb", value=f"tt00{10_000 + film_id}"))


def add_title(session: Session, film_id: int, title: str) -> None:
    session.add(FilmTitle(film_id=film_id, title=title, kind=TitleKind.ALTERNATIVE, key=build_title_key(title)))


def list_stored(folder: Path) -> list[Path]:
    return sorted((folder / "var" / "match").iterdir())


def assert_stored_equals_fresh(engine: Engine) -> None:
    with read_session(engine) as session:
        assert describe_index(open_database_index(session)) == describe_index(FilmIndex(read_films(session)))


def change_at_random(session: Session, chance: random.Random) -> None:
    """Change a fact, a title or an identifier of a film, merge it, or add one."""
    film = chance.choice(session.exec(select(Film).order_by(col(Film.id))).all())
    match chance.randrange(7):
        case 0:
            fact, value = chance.choice(NEW_FACTS)
            setattr(film, fact, value)
        case 1:
            add_title(session, film.id, f"Autre titre {chance.randrange(5)}")
        case 2:
            session.exec(delete(FilmTitle).where(col(FilmTitle.film_id) == film.id))
        case 3:
            session.exec(delete(FilmIdentifier).where(col(FilmIdentifier.film_id) == film.id))
        case 4:
            film.merged_into = None if film.merged_into else chance.randrange(1, 5)
        case 5:
            session.add(FilmIdentifier(film_id=film.id, scheme="cnc", value=str(chance.randrange(10**6))))
        case 6:
            add_film(session, chance.randrange(1_000, 10_000))


@pytest.mark.parametrize("seed", range(3))
def test_after_any_change_the_index_is_the_one_just_built(films: Engine, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    for _ in range(8):
        assert_stored_equals_fresh(films)
        with write_session(films) as session:
            for _ in range(chance.randrange(1, 5)):
                change_at_random(session, chance)
                session.flush()
    assert len(list_stored(tmp_path)) == 1


def test_only_what_changed_is_read_again(films: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    read_ids: list[list[int]] = []

    def read_noting_ids(session: Session, film_ids: list[int]) -> object:
        read_ids.append(film_ids)
        return read_films(session, film_ids)

    monkeypatch.setattr(stored_index, "read_films", read_noting_ids)
    with read_session(films) as session:
        open_database_index(session)
        open_database_index(session)
    with write_session(films) as session:
        add_title(session, 12, "Cléo de 5 à 7")
        session.get_one(Film, 3).year = 1962
    with read_session(films) as session:
        open_database_index(session)
    assert read_ids == [list(range(1, FILM_COUNT)), [3, 12]]


def test_a_title_that_takes_the_place_of_another_is_seen(films: Engine) -> None:
    with write_session(films) as session:
        add_title(session, 5, "Un titre appris par erreur")
    assert_stored_equals_fresh(films)
    with write_session(films) as session:
        session.exec(delete(FilmTitle).where(col(FilmTitle.title) == "Un titre appris par erreur"))
        add_title(session, 5, "Le bon titre")  # SQLite gives it the same id
    assert_stored_equals_fresh(films)


def test_a_damaged_index_is_built_again(films: Engine, tmp_path: Path) -> None:
    assert_stored_equals_fresh(films)
    (path,) = list_stored(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert_stored_equals_fresh(films)
    with write_session(films) as session:
        add_film(session, 77)
    path.write_bytes(b"damaged")
    assert_stored_equals_fresh(films)


def test_a_database_without_films_has_an_empty_index(engine: Engine) -> None:
    assert_stored_equals_fresh(engine)
    with write_session(engine) as session:
        add_film(session, 1)
    assert_stored_equals_fresh(engine)
    with write_session(engine) as session:
        film = session.get_one(Film, 1)
        film.merged_into, film.updated_at = 1, datetime.now(UTC)
    assert_stored_equals_fresh(engine)


def test_two_databases_have_each_their_index(films: Engine, sqlite_template: Path, tmp_path: Path) -> None:
    assert_stored_equals_fresh(films)
    assert_stored_equals_fresh(create_db_engine(f"sqlite:///{sqlite_template}"))
    assert len(list_stored(tmp_path)) == 2
