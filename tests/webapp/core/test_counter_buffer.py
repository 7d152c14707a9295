"""Counts in memory: nobody waits, nothing is lost while the database is busy, memory is bounded."""

import sqlite3
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from domain.common.titles import build_title_key
from domain.db.engine import read_session, write_session
from domain.models.partner import PartnerCount
from domain.models.public_use import FilmExit, UnfoundTitle
from tests.domain.builders import make_film
from webapp.core import counter_buffer
from webapp.core.counter_buffer import BufferedCounter

AT = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
NEVER = 3600.0


def written(engine: Engine) -> list[tuple[int, str, int]]:
    with read_session(engine) as session:
        return [(row.film_id, str(row.day), row.count) for row in session.exec(select(FilmExit))]


@pytest.fixture
def film_engine(sqlite_engine: Engine) -> Engine:
    with write_session(sqlite_engine) as session:
        session.add(make_film(1, "Playtime"))
    return sqlite_engine


def test_counts_are_written_together_and_once(film_engine: Engine) -> None:
    tally = BufferedCounter(film_engine, NEVER)
    for _ in range(3):
        tally.add(FilmExit, 1, AT)
    tally.add(UnfoundTitle, "trafic", AT)
    assert written(film_engine) == []
    tally.flush()
    tally.flush()
    assert written(film_engine) == [(1, "2026-11-22", 3)]
    with read_session(film_engine) as session:
        assert session.exec(select(UnfoundTitle.count)).all() == [1]


def test_the_day_is_that_of_paris(film_engine: Engine) -> None:
    tally = BufferedCounter(film_engine, NEVER)
    tally.add(FilmExit, 1, AT.replace(hour=22, minute=59))
    tally.add(FilmExit, 1, AT.replace(hour=23))
    tally.flush()
    assert written(film_engine) == [(1, "2026-11-22", 1), (1, "2026-11-23", 1)]


def test_counts_are_written_after_a_while_without_being_asked(film_engine: Engine) -> None:
    done = threading.Event()
    event.listen(film_engine, "checkin", lambda *_: done.set())
    tally = BufferedCounter(film_engine, 0.01)
    tally.add(FilmExit, 1, AT)
    assert done.wait(30)
    assert written(film_engine) == [(1, "2026-11-22", 1)]


def test_a_busy_database_keeps_nobody_waiting_and_loses_nothing(film_engine: Engine) -> None:
    tally = BufferedCounter(film_engine, NEVER)
    with film_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    assert film_engine.url.database
    holder = sqlite3.connect(film_engine.url.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    tally.add(FilmExit, 1, AT)
    tally.flush()
    tally.add(FilmExit, 1, AT)
    holder.execute("ROLLBACK")
    holder.close()
    tally.flush()
    assert written(film_engine) == [(1, "2026-11-22", 2)]


def test_counting_from_many_threads_misses_none(film_engine: Engine) -> None:
    tally = BufferedCounter(film_engine, NEVER)

    def visit() -> None:
        for _ in range(500):
            tally.add(FilmExit, 1, AT)

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    tally.flush()
    for visitor in visitors:
        visitor.join()
    tally.flush()
    assert written(film_engine) == [(1, "2026-11-22", 4000)]


def test_a_flood_of_invented_titles_takes_bounded_memory(film_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_buffer, "_MAX_PENDING_KEYS", 3)
    tally = BufferedCounter(film_engine, NEVER)
    for film_id in (1, 2, 3, 4, 5, 1):
        tally.add(UnfoundTitle, f"titre {film_id}", AT)
    tally.flush()
    with read_session(film_engine) as session:
        assert sorted((row.key, row.count) for row in session.exec(select(UnfoundTitle))) == [
            ("titre 1", 2),
            ("titre 2", 1),
            ("titre 3", 1),
        ]


def test_a_flood_of_invented_partners_leaves_room_for_other_counts(film_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_buffer, "_MAX_PENDING_KEYS", 3)
    tally = BufferedCounter(film_engine, NEVER)
    for index in range(9):
        tally.add(PartnerCount, (f"site-{index}.example", 1), AT, "loads")
    tally.add(FilmExit, 1, AT)
    tally.flush()
    assert written(film_engine) == [(1, "2026-11-22", 1)]
    with read_session(film_engine) as session:
        assert len(session.exec(select(PartnerCount)).all()) == 3


def test_a_title_that_unfolds_beyond_its_column_is_cut(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add(make_film(1, "Playtime"))
    tally = BufferedCounter(engine, NEVER)
    tally.add(UnfoundTitle, build_title_key("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 60), AT)
    tally.add(FilmExit, 1, AT)
    tally.flush()
    with read_session(engine) as session:
        assert [len(key) for key in session.exec(select(UnfoundTitle.key))] == [100]
        assert session.exec(select(FilmExit.count)).all() == [1]


def test_the_log_never_tells_what_was_typed(film_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with film_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE unfoundtitle")
    tally = BufferedCounter(film_engine, NEVER)
    tally.add(UnfoundTitle, "mon secret", AT)
    tally.flush()
    assert "OperationalError" in caplog.text and "secret" not in caplog.text and "INSERT" not in caplog.text
