"""Until when everything is known, while somebody writes."""

from datetime import timedelta

from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from domain.db.engine import write_session
from domain.db.safe_horizon import ChangeHorizon
from tests.domain.builders import NOON, make_film

MINUTE = timedelta(minutes=1)


def test_when_nobody_writes_all_is_known_but_the_last_minutes(sqlite_engine: Engine) -> None:
    assert ChangeHorizon(sqlite_engine).get_horizon(NOON) == NOON - 2 * MINUTE


def test_on_sqlite_a_writer_stops_it_where_nobody_wrote(sqlite_engine: Engine) -> None:
    settled = ChangeHorizon(sqlite_engine)
    settled.get_horizon(NOON)
    with write_session(sqlite_engine) as session:
        session.add(make_film(1, "Un"))
        session.flush()
        assert settled.get_horizon(NOON + 30 * MINUTE) == NOON - 2 * MINUTE
        assert ChangeHorizon(sqlite_engine).get_horizon(NOON).year < 1970  # it has never seen the database at rest
    assert settled.get_horizon(NOON + 40 * MINUTE) == NOON + 38 * MINUTE


def test_on_postgresql_the_oldest_transaction_stops_it(postgresql_engine: Engine) -> None:
    with Session(postgresql_engine) as session:
        began = session.connection().scalar(text("SELECT transaction_timestamp()"))
        assert ChangeHorizon(postgresql_engine).get_horizon(began + 30 * MINUTE) == began - 2 * MINUTE
    assert ChangeHorizon(postgresql_engine).get_horizon(began - MINUTE) == began - 3 * MINUTE


def test_a_database_out_of_reach_settles_nothing(sqlite_engine: Engine, tmp_path: object) -> None:
    gone = sqlite_engine.url.set(database=f"{tmp_path}/absent/base.db")
    assert ChangeHorizon(create_engine(gone)).get_horizon(NOON).year < 1970
