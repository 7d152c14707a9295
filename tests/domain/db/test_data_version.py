"""Version of the data: it changes with every write."""

from sqlalchemy import Engine

from domain.db.data_version import ChangeDetector
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.film import Film
from tests.domain.builders import make_film


def test_the_mark_stays_while_nothing_is_written_and_changes_with_each_transaction(engine: Engine) -> None:
    changes = ChangeDetector(engine)
    before = changes.get_version()
    with read_session(engine) as session:
        assert session.get(Film, 1) is None
    assert changes.get_version() == before
    with write_session(engine) as session:
        session.add(make_film(1, "Dune"))
        session.flush()
        during = changes.get_version()
    assert changes.get_version() not in (before, during)


def test_two_watchers_see_the_same_write(engine: Engine) -> None:
    first, second = ChangeDetector(engine), ChangeDetector(engine)
    before = first.get_version(), second.get_version()
    with write_session(engine) as session:
        session.add(make_film(1, "Dune"))
    assert first.get_version() != before[0] and second.get_version() != before[1]


def test_a_database_that_cannot_be_asked_never_gives_the_same_mark_twice() -> None:
    changes = ChangeDetector(create_db_engine("postgresql://nobody@127.0.0.1:1/none"))
    assert changes.get_version() != changes.get_version()
