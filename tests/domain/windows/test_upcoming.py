"""Windows that open soon, without an offer: worked by hand, and against the rules read film by film."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access, Kind
from domain.db.engine import read_session, write_session
from domain.models.entry import Entry
from domain.models.film import Film
from domain.windows.absence import compute_windows
from domain.windows.rules import list_rules_on
from domain.windows.upcoming import list_upcoming_windows
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform, make_rental

SUNDAY = date(2026, 11, 22)
WEEK = timedelta(days=6)
JULY = date(2026, 7, 24)
"""Four months before Tuesday 24 November 2026."""


def release(session: Session, number: int, day: date | None, **facts: object) -> Film:
    film = make_film(number, f"Film {number}", day.year if day else None)
    film.sqlmodel_update({"release_date": day, "runtime_min": 100, **facts})
    session.add(film)
    session.flush()
    return film


def offered(session: Session, film: Film, access: Access, slug: str = "cine-exemple") -> None:
    collect_run(session, make_platform(session, slug), [make_observation(str(film.id), film.title, make_rental(access=access))])
    link_entry(session, session.exec(select(Entry).where(Entry.ref == str(film.id))).one(), film)


def opening(engine: Engine, first: date = SUNDAY, last: date = SUNDAY + WEEK) -> list[tuple[date, str, list[int]]]:
    with read_session(engine) as session:
        found = list_upcoming_windows(session, first, last, NOON + timedelta(hours=1))
    return [(one.day, one.rule.id, [film.id for film in one.films]) for one in found]


def test_a_week_worked_by_hand(engine: Engine) -> None:
    with write_session(engine) as session:
        release(session, 1, JULY)
        release(session, 2, JULY)
        release(session, 3, date(2026, 7, 21))  # its window opened on Saturday
        release(session, 4, date(2026, 7, 29))  # opens on the Sunday after
        release(session, 5, date(2026, 5, 25))  # six months: Canal+
        release(session, 6, date(2025, 6, 28))  # seventeen months: Netflix, and the other subscriptions
    tuesday, wednesday, saturday = (SUNDAY + timedelta(days=days) for days in (2, 3, 6))
    assert opening(engine) == [
        (tuesday, "TVOD", [1, 2]), (wednesday, "PAY_AGR", [5]), (saturday, "NETFLIX", [6]), (saturday, "SVOD_STD", [6]),
    ]  # fmt: skip


def test_a_film_already_offered_in_that_way_is_left_out_and_in_that_way_only(engine: Engine) -> None:
    with write_session(engine) as session:
        offered(session, release(session, 1, JULY), Access.RENT)
        offered(session, release(session, 2, JULY), Access.SUBSCRIPTION, "autre")
        offered(session, release(session, 3, date(2025, 6, 24)), Access.SUBSCRIPTION, "netflix")
    tuesday = SUNDAY + timedelta(days=2)
    assert opening(engine) == [(tuesday, "TVOD", [2]), (tuesday, "SVOD_STD", [3])]


def test_what_the_chronologie_does_not_bind_is_left_out(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        release(session, 1, JULY, kind=Kind.SHORT)
        release(session, 2, JULY, runtime_min=45)
        release(session, 3, JULY, year=1960)
        release(session, 4, None)
        release(session, 6, JULY, merged_into=release(session, 5, JULY, in_cinemas=False).id)
    assert opening(sqlite_engine) == []


def test_the_last_days_of_a_month_open_together(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        for number, day in enumerate((27, 28, 29, 30, 31), 27):
            release(session, number, date(2026, 10, day))
    last = date(2027, 2, 28)
    assert [one for one in opening(sqlite_engine, last, last) if one[1] == "TVOD"] == [(last, "TVOD", [28, 29, 30, 31])]


@pytest.mark.parametrize("first", [date(2025, 12, 28), date(2026, 2, 25), date(2026, 11, 22), date(2028, 2, 5)])
def test_it_agrees_with_the_rules_read_film_by_film(sqlite_engine: Engine, first: date) -> None:
    """Around the days when rules change, and around the end of months."""
    with write_session(sqlite_engine) as session:
        films = [release(session, number, first - timedelta(days=number)) for number in range(1, 1_300, 3)]
        expected = {
            (window.opens_on, window.rule.id, film.id)
            for film in films
            for day in (first + timedelta(days=days) for days in range(7))
            for window in compute_windows(film, day)
            if window.opens_on == day and window.rule.concerns and window.rule in list_rules_on(day)
        }
    found = {(day, rule, film) for day, rule, some in opening(sqlite_engine, first, first + WEEK) for film in some}
    assert found == expected and found
