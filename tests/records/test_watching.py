"""Dated copies of robots.txt."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from records.catalogue import Platform
from records.vocabulary import LegalBasis
from records.watch import RobotsCopy
from records.watching import LONGEST_COPY, last_copy, note_robots
from tests.records.builders import NOON, a_platform

NOW = NOON
HOST = "cinema.example"


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def note(session: Session, platform: Platform, body: bytes, days: int = 0, host: str = HOST) -> bool:
    assert platform.id is not None
    return note_robots(session, platform.id, host, body, NOW + timedelta(days=days))


def test_the_same_robots_renews_its_copy_and_another_makes_a_new_one(session: Session) -> None:
    platform = a_platform(session)
    assert note(session, platform, b"one") is False
    assert note(session, platform, b"one", days=1) is False
    assert note(session, platform, b"two", days=2) is True
    assert note(session, platform, b"one", days=3) is True  # back to the first: a change too, dated as such
    copies = session.exec(select(RobotsCopy).order_by(col(RobotsCopy.id))).all()
    assert [(copy.body, copy.first_seen.day, copy.last_seen.day) for copy in copies] == [
        ("one", 22, 23), ("two", 24, 24), ("one", 25, 25),
    ]  # fmt: skip


def test_each_host_and_each_platform_has_its_own_copies(session: Session) -> None:
    one, other = a_platform(session), a_platform(session, "contrat", LegalBasis.CONTRACT)
    assert not any([note(session, one, b"one"), note(session, one, b"two", host="b.example"), note(session, other, b"three")])
    copy = last_copy(session, one.id or 0, HOST)
    assert copy is not None and copy.body == "one"
    assert last_copy(session, one.id or 0, "c.example") is None


def test_a_huge_or_binary_robots_is_kept_cut_and_readable(session: Session) -> None:
    platform = a_platform(session)
    note(session, platform, b"\0\xff" + b"a" * 2 * LONGEST_COPY)
    session.commit()
    copy = session.exec(select(RobotsCopy)).one()
    assert copy.body.startswith("\ufffd\ufffdaaa") and copy.body.endswith("copie coupée ici : le fichier fait 1000002 octets")
    assert len(copy.body) < LONGEST_COPY + 100
    assert note(session, platform, b"\0\xff" + b"a" * 2 * LONGEST_COPY) is False
