"""A mark that says whether anything was written."""

from sqlalchemy import Engine

from domain.db.data_version import Changes
from domain.db.engine import connect, reading, writing
from domain.models.film import Film
from tests.domain.builders import a_film


def test_the_mark_stays_while_nothing_is_written_and_changes_with_each_transaction(engine: Engine) -> None:
    changes = Changes(engine)
    before = changes.mark()
    with reading(engine) as session:
        assert session.get(Film, 1) is None
    assert changes.mark() == before
    with writing(engine) as session:
        session.add(a_film(1, "Dune"))
        session.flush()
        during = changes.mark()
    assert changes.mark() not in (before, during)


def test_two_watchers_see_the_same_write(engine: Engine) -> None:
    first, second = Changes(engine), Changes(engine)
    before = first.mark(), second.mark()
    with writing(engine) as session:
        session.add(a_film(1, "Dune"))
    assert first.mark() != before[0] and second.mark() != before[1]


def test_a_database_that_cannot_be_asked_never_gives_the_same_mark_twice() -> None:
    changes = Changes(connect("postgresql://nobody@127.0.0.1:1/none"))
    assert changes.mark() != changes.mark()
