"""Titles searched in vain: summed, hidden while rare, forgotten in time."""

from datetime import date, timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from domain.db.engine import read_session, write_session
from domain.models.public_use import UnfoundTitle
from domain.reports.replies import (
    erase_unfound_titles,
    list_unfound_titles,
)
from tests.domain.builders import NOON

DAY = timedelta(days=1)


def test_titles_searched_in_vain_are_summed_and_rare_ones_are_hidden(engine: Engine) -> None:
    today = date(2026, 11, 22)
    with write_session(engine) as session:
        for key, days, count in (("dune 3", 0, 2), ("dune 3", 1, 2), ("rare", 0, 2), ("vieux", 90, 9), ("alien", 0, 3)):
            session.add(UnfoundTitle(key=key, day=today - days * DAY, count=count))
    with read_session(engine) as session:
        assert list_unfound_titles(session, today - 89 * DAY, 10) == [("dune 3", 4), ("alien", 3)]
        assert list_unfound_titles(session, today - 89 * DAY, 1) == [("dune 3", 4)]


def test_titles_searched_in_vain_are_forgotten_after_ninety_days(engine: Engine) -> None:
    today = NOON.date()
    with write_session(engine) as session:
        session.add_all(UnfoundTitle(key="dune 3", day=today - days * DAY, count=1) for days in (0, 89, 90, 400))
        assert erase_unfound_titles(session, NOON) == 2
        assert sorted(session.exec(select(col(UnfoundTitle.day)))) == [today - 89 * DAY, today]
