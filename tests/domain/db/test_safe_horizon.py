"""Until when everything is known, while somebody writes."""

from datetime import timedelta

from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from domain.db.engine import writing
from domain.db.safe_horizon import Settled
from tests.domain.builders import NOON, a_film

MINUTE = timedelta(minutes=1)


def test_when_nobody_writes_all_is_known_but_the_last_minutes(sqlite_engine: Engine) -> None:
    assert Settled(sqlite_engine).until(NOON) == NOON - 2 * MINUTE


def test_on_sqlite_a_writer_stops_it_where_nobody_wrote(sqlite_engine: Engine) -> None:
    settled = Settled(sqlite_engine)
    settled.until(NOON)
    with writing(sqlite_engine) as session:
        session.add(a_film(1, "Un"))
        session.flush()
        assert settled.until(NOON + 30 * MINUTE) == NOON - 2 * MINUTE
        assert Settled(sqlite_engine).until(NOON).year < 1970  # it has never seen the database at rest
    assert settled.until(NOON + 40 * MINUTE) == NOON + 38 * MINUTE


def test_on_postgresql_the_oldest_transaction_stops_it(postgresql_engine: Engine) -> None:
    with Session(postgresql_engine) as session:
        began = session.connection().scalar(text("SELECT transaction_timestamp()"))
        assert Settled(postgresql_engine).until(began + 30 * MINUTE) == began - 2 * MINUTE
    assert Settled(postgresql_engine).until(began - MINUTE) == began - 3 * MINUTE


def test_a_database_out_of_reach_settles_nothing(sqlite_engine: Engine, tmp_path: object) -> None:
    gone = sqlite_engine.url.set(database=f"{tmp_path}/absent/base.db")
    assert Settled(create_engine(gone)).until(NOON).year < 1970
