"""Counts by day: added up, whichever server adds them, on both databases."""

from datetime import date

from sqlalchemy import Engine
from sqlmodel import select

from domain.db.engine import read_session, write_session
from domain.models.public_use import FilmExit, UnfoundTitle
from domain.partners.counters import add_counts
from tests.domain.builders import make_film

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


def test_counts_add_up_by_thing_and_day(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all([make_film(1, "Playtime"), make_film(2, "Parade")])
    for _ in range(2):
        with write_session(engine) as session:
            add_counts(session, FilmExit, {(2, SUNDAY): 1, (1, MONDAY): 3, (1, SUNDAY): 2})
            add_counts(session, UnfoundTitle, {("traffic", SUNDAY): 5})
    with read_session(engine) as session:
        exits = {(row.film_id, row.day): row.count for row in session.exec(select(FilmExit))}
        assert exits == {(1, SUNDAY): 4, (1, MONDAY): 6, (2, SUNDAY): 2}
        assert [(row.key, row.count) for row in session.exec(select(UnfoundTitle))] == [("traffic", 10)]


def test_a_film_taken_back_since_does_not_lose_the_others(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add(make_film(1, "Playtime"))
        session.flush()
        add_counts(session, FilmExit, {(0, SUNDAY): 9, (1, SUNDAY): 2, (7, SUNDAY): 9})
    with read_session(engine) as session:
        assert [(row.film_id, row.count) for row in session.exec(select(FilmExit))] == [(1, 2)]


def test_what_a_column_cannot_hold_does_not_lose_the_others(engine: Engine) -> None:
    with write_session(engine) as session:
        add_counts(session, UnfoundTitle, {("a" * 1_080, SUNDAY): 1, ("\x00", SUNDAY): 1, ("dune 3", SUNDAY): 2})
    with read_session(engine) as session:
        assert session.exec(select(UnfoundTitle.count).where(UnfoundTitle.key == "dune 3")).all() == [2]
