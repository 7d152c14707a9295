"""Who made which film: true after every import, and what a director's films are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, Table, insert, text
from sqlmodel import Session, col, select

from domain.common.environment import ROOT
from domain.db.engine import read_session, write_session
from domain.films.directors import (
    build_director_key,
    count_films_by_director,
    list_films_by_director,
    list_films_by_same_directors,
    replace_directors,
)
from domain.films.source_records import reopen_record, resolve_record
from domain.models.entry import Entry
from domain.models.film import Film, FilmDirector, SourceRecord
from tests.domain.builders import (
    NOON,
    collect_run,
    link_entry,
    make_author,
    make_film,
    make_observation,
    make_platform,
    make_rental,
)
from tests.domain.joined import FIRST_CSV, NOW, SECOND_CSV, get_source_record, import_text, link_by_ref


def kept(engine: Engine) -> dict[int, set[tuple[str, str]]]:
    """What the table says, film by film; must be what the films say."""
    with read_session(engine) as session:
        films = {film.id: {(build_director_key(name), name) for name in film.directors} for film in session.exec(select(Film))}
        stored: dict[int, set[tuple[str, str]]] = {film_id: set() for film_id in films}
        for row in session.exec(select(FilmDirector)):
            stored[row.film_id].add((row.key, row.name))
    assert stored == films
    return stored


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Agnès Varda", "agnes-varda"),
        ("Krzysztof Kieślowski", "krzysztof-kieslowski"),
        ("宮崎駿", "gongqijun"),
        ("???", ""),
        ("", ""),
    ],
)
def test_a_director_has_a_key_that_can_be_written_in_an_address(name: str, key: str) -> None:
    assert build_director_key(name) == key


def test_directors_follow_films_through_imports_joins_and_second_thoughts(engine: Engine, tmp_path: Path) -> None:
    import_text(engine, tmp_path, FIRST_CSV, source="cnc")
    assert kept(engine) == {1: {("jacques-tati", "Jacques Tati")}, 2: set()}
    import_text(engine, tmp_path, SECOND_CSV, link_by_ref(w1=1, w2=2))
    assert kept(engine)[2] == {("jacques-tati", "Jacques Tati")}
    import_text(engine, tmp_path, FIRST_CSV.replace("TATI Jacques", "LAGRANGE Jacques|TATI Jacques"), source="cnc")
    assert len(kept(engine)[1]) == 2
    import_text(engine, tmp_path, SECOND_CSV.replace("124,Jacques Tati", "124,"), link_by_ref(w2=2))
    assert kept(engine)[2] == set()


def test_a_film_taken_back_takes_its_directors_along(engine: Engine, tmp_path: Path) -> None:
    import_text(engine, tmp_path, FIRST_CSV, source="cnc")
    import_text(engine, tmp_path, SECOND_CSV, link_by_ref(w1=-1, w2=-2))
    with write_session(engine) as session:
        resolve_record(session, get_source_record(session, "w1"), None, make_author("agent"), NOW)
    assert kept(engine)[4] == {("jacques-tati", "Jacques Tati")}
    with write_session(engine) as session:
        reopen_record(session, session.exec(select(SourceRecord).where(SourceRecord.source_ref == "w1")).one(), NOW)
    assert 4 not in kept(engine)


def filmography(session: Session, films: Sequence[tuple[str, int]], offered: Sequence[int], name: str = "Agnès Varda") -> None:
    """Films of a director, numbered from one, some of them offered by a service."""
    for film_id, (title, year) in enumerate(films, 1):
        film = make_film(film_id, title, year)
        film.directors = [name]
        session.add(film)
    session.flush()
    replace_directors(session, [(film_id, [name]) for film_id in range(1, len(films) + 1)])
    collect_run(session, make_platform(session), [make_observation(str(film_id), "Ligne", make_rental()) for film_id in offered])
    for entry in session.exec(select(Entry)).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)))


def test_films_offered_now_come_first_then_the_latest(engine: Engine) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    with write_session(engine) as session:
        filmography(session, [("Cléo", 1962), ("Le Bonheur", 1965), ("Lola", 1961), ("Jacquot", 1991)], [1, 3])
    with read_session(engine) as session:
        works = list_films_by_director(session, "agnes-varda", at, 3)
        assert [(work.film.title, work.available) for work in works] == [("Cléo", True), ("Lola", True), ("Jacquot", False)]
        assert [work.film.title for work in list_films_by_director(session, "agnes-varda", at, 3, offset=3)] == ["Le Bonheur"]
        assert (count_films_by_director(session, "agnes-varda"), count_films_by_director(session, "personne")) == (4, 0)
        assert [film.title for film in list_films_by_same_directors(session, session.get_one(Film, 1), at, 5)] == ["Lola"]
        assert not any(work.available for work in list_films_by_director(session, "agnes-varda", NOON.replace(year=2020), 9))


def test_a_directors_films_are_found_by_an_index(sqlite_engine: Engine) -> None:
    stmt = select(FilmDirector.film_id).where(col(FilmDirector.key) == "agnes-varda")
    with sqlite_engine.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {stmt}"), {"key_1": "x"}).all()
    assert "ix_filmdirector_key" in str(plan)


def test_films_already_there_get_their_directors_when_tables_are_brought_up_to_date(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    with engine.execution_options(writes=True).begin() as connection:
        table = Table("film", MetaData(), autoload_with=connection)
        films = [make_film(1, "Playtime"), make_film(2, "Sans nom")]
        former_names = {"updated": films[0].updated_at, "gained": {}}
        films[0].directors = ["Jacques Tati", "JACQUES TATI"]
        connection.execute(insert(table), [film.model_dump(include=set(table.columns.keys())) | former_names for film in films])
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
    with read_session(engine) as session:
        assert [(row.film_id, row.key) for row in session.exec(select(FilmDirector))] == [(1, "jacques-tati")]
