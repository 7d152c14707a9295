"""Windows that open soon without an offer: computed by hand, and against the rules applied film by film."""

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


def add_release(session: Session, film_id: int, day: date | None, **facts: object) -> Film:
    film = make_film(film_id, f"Film {film_id}", day.year if day else None)
    film.sqlmodel_update({"release_date": day, "runtime_min": 100, **facts})
    session.add(film)
    session.flush()
    return film


def offer_film(session: Session, film: Film, access: Access, slug: str = "cine-exemple") -> None:
    collect_run(session, make_platform(session, slug), [make_observation(str(film.id), film.title, make_rental(access=access))])
    link_entry(session, session.exec(select(Entry).where(Entry.ref == str(film.id))).one(), film)


def list_openings(engine: Engine, first: date = SUNDAY, last: date = SUNDAY + WEEK) -> list[tuple[date, str, list[int]]]:
    with read_session(engine) as session:
        windows = list_upcoming_windows(session, first, last, NOON + timedelta(hours=1))
        return [(window.day, window.rule.id, [film.id for film in window.films]) for window in windows]


def test_a_week_worked_by_hand(engine: Engine) -> None:
    with write_session(engine) as session:
        add_release(session, 1, JULY)
        add_release(session, 2, JULY)
        add_release(session, 3, date(2026, 7, 21))  # its window opened on Saturday
        add_release(session, 4, date(2026, 7, 29))  # opens on the Sunday after
        add_release(session, 5, date(2026, 5, 25))  # six months: Canal+
        add_release(session, 6, date(2025, 6, 28))  # seventeen months: Netflix, and the other subscriptions
    tuesday, wednesday, saturday = (SUNDAY + timedelta(days=days) for days in (2, 3, 6))
    assert list_openings(engine) == [
        (tuesday, "TVOD", [1, 2]), (wednesday, "PAY_AGR", [5]), (saturday, "NETFLIX", [6]), (saturday, "SVOD_STD", [6]),
    ]  # fmt: skip


def test_a_film_already_offered_in_that_way_is_left_out_and_in_that_way_only(engine: Engine) -> None:
    with write_session(engine) as session:
        offer_film(session, add_release(session, 1, JULY), Access.RENT)
        offer_film(session, add_release(session, 2, JULY), Access.SUBSCRIPTION, "autre")
        offer_film(session, add_release(session, 3, date(2025, 6, 24)), Access.SUBSCRIPTION, "netflix")
    tuesday = SUNDAY + timedelta(days=2)
    assert list_openings(engine) == [(tuesday, "TVOD", [2]), (tuesday, "SVOD_STD", [3])]


def test_what_the_chronologie_does_not_bind_is_left_out(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        add_release(session, 1, JULY, kind=Kind.SHORT)
        add_release(session, 2, JULY, runtime_min=45)
        add_release(session, 3, JULY, year=1960)
        add_release(session, 4, None)
        add_release(session, 6, JULY, merged_into=add_release(session, 5, JULY, in_cinemas=False).id)
    assert list_openings(sqlite_engine) == []


def test_the_last_days_of_a_month_open_together(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        for day in (27, 28, 29, 30, 31):
            add_release(session, day, date(2026, 10, day))
    last = date(2027, 2, 28)
    rentals = [window for window in list_openings(sqlite_engine, last, last) if window[1] == "TVOD"]
    assert rentals == [(last, "TVOD", [28, 29, 30, 31])]


@pytest.mark.parametrize("first", [date(2025, 12, 28), date(2026, 2, 25), date(2026, 11, 22), date(2028, 2, 5)])
def test_it_agrees_with_the_rules_read_film_by_film(sqlite_engine: Engine, first: date) -> None:
    """Around the days when rules change, and around the end of months."""
    with write_session(sqlite_engine) as session:
        films = [add_release(session, days, first - timedelta(days=days)) for days in range(1, 1_300, 3)]
        expected = {
            (window.opens_on, window.rule.id, film.id)
            for film in films
            for day in (first + timedelta(days=days) for days in range(7))
            for window in compute_windows(film, day)
            if window.opens_on == day and window.rule.concerns and window.rule in list_rules_on(day)
        }
    opened = {
        (day, rule_id, film_id)
        for day, rule_id, film_ids in list_openings(sqlite_engine, first, first + WEEK)
        for film_id in film_ids
    }
    assert opened == expected and opened
