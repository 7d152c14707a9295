"""A past day tells films as the base told them that day, whatever it says of them since."""

from datetime import date
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.coverage.dataset import Day
from domain.coverage.film_classes import read_past
from domain.coverage.schema import Filters, Known
from domain.db.engine import writing
from domain.films.edits import edit_facts
from domain.films.merge import merge, preview
from domain.films.snapshot import facts_mark, read_sheet
from domain.films.undo import last_act, undo_act
from domain.models.film import Film, FilmPast
from tests.domain.builders import a_film
from tests.domain.coverage.scene import AT, build, every_table, later, rows
from tests.domain.review_scene import an_agent

OTHERWISE: dict[int, dict[str, Any]] = {
    1: {"year": 1931, "release_date": date(2026, 5, 1), "countries": ["Japon"], "genres": ["animation"], "admissions": 5},
    3: {"release_date": None, "countries": [], "admissions": None, "in_cinemas": False, "runtime_min": 12},
    4: {"release_date": date(2026, 1, 7), "genres": ["pornographique"], "age_rating": "18"},
    5: {"year": 1950, "directors": ["Agnès Varda"]},
    9: {"year": 1950, "countries": ["France"], "release_date": date(1951, 1, 1)},
}


def tell_otherwise(session: Session) -> None:
    """Films corrected, one corrected twice, one added, two made one."""
    agent = an_agent(session, "claire")
    for day, (number, facts) in enumerate(OTHERWISE.items(), 1):
        seen = facts_mark(read_sheet(session, session.get_one(Film, number)))
        edit_facts(session, number, agent, seen, facts, "vérifié", later(day))
    seen = facts_mark(read_sheet(session, session.get_one(Film, 1)))
    edit_facts(session, 1, agent, seen, {"year": 1999}, "vérifié encore", later(7))
    film = a_film(11, "Nouveau venu", 1948)
    film.release_date, film.updated = date(2025, 1, 1), later(9)
    session.add(film)
    session.flush()
    merge(session, 10, 8, agent, preview(session, 10, 8).mark, "le même film", later(10))
    session.flush()


def test_a_past_day_keeps_the_facts_that_films_had(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        before, between = every_table(session), later(4)
        tell_otherwise(session)
        assert every_table(session) == before
        assert rows(session, "t3", between) != before["t3"] and rows(session, "t3", between) != rows(session, "t3", later(11))
        today = every_table(session, filters=Filters(known=Known.TODAY))
        changed = {key for key in before if today[key] != before[key]}
        assert {"t3", "t4", "t5", "t6", "t7", "t8", "t9", "t13", "t15", "t15-realisation"} <= changed


def test_what_is_taken_back_is_a_change_too(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        before = every_table(session)
        tell_otherwise(session)
        agent, between = an_agent(session, "jean"), every_table(session, later(10))
        act = last_act(session, 8)
        assert act is not None
        undo_act(session, 8, agent, act.id or 0, later(12))
        session.flush()
        assert every_table(session) == before and every_table(session, later(10)) == between
        assert rows(session, "t8", later(13)) != rows(session, "t8", later(11))


def test_only_what_tables_read_is_a_change(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        assert session.exec(select(FilmPast)).first() is None, "the films of a first import were always there"
        film = session.get_one(Film, 1)
        film.title, film.updated = "Autre titre", later(1)
        session.flush()
        assert read_past(session, AT) == {}
        film.kind, film.updated = None, later(2)
        film.year, film.directors = 1900, ["Alice Guy"]
        session.flush()
        (was,) = session.exec(select(FilmPast).order_by(col(FilmPast.id))).all()
        assert (was.film_id, was.until, was.year, was.directors, was.present) == (1, later(2), 2023, [], True)
        assert set(Day(session, AT).past) == {1} and not Day(session, later(2)).past
