"""Dated copies of robots.txt."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import LegalBasis
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.models.robots import RobotsCopy
from domain.monitoring.robots_history import (
    MAX_COMPARED_LINES,
    MAX_COPY_BYTES,
    diff_robots,
    get_last_robots_copy,
    get_previous_robots_copy,
    list_changed_robots,
    list_robots_copies,
    record_robots_copy,
)
from tests.domain.builders import NOON, make_platform

NOW = NOON
HOST = "cinema.example"


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def record_copy(session: Session, platform: Platform, body: bytes, days: int = 0, host: str = HOST) -> bool:
    assert platform.id is not None
    return record_robots_copy(session, platform.id, host, body, NOW + timedelta(days=days))


def test_the_same_robots_renews_its_copy_and_another_makes_a_new_one(session: Session) -> None:
    platform = make_platform(session)
    assert record_copy(session, platform, b"one") is False
    assert record_copy(session, platform, b"one", days=1) is False
    assert record_copy(session, platform, b"two", days=2) is True
    assert record_copy(session, platform, b"one", days=3) is True  # back to the first: a change too, dated as such
    copies = session.exec(select(RobotsCopy).order_by(col(RobotsCopy.id))).all()
    assert [(copy.body, copy.first_seen.day, copy.last_seen.day) for copy in copies] == [
        ("one", 22, 23), ("two", 24, 24), ("one", 25, 25),
    ]  # fmt: skip


def test_each_host_and_each_platform_has_its_own_copies(session: Session) -> None:
    first, second = make_platform(session), make_platform(session, "contrat", LegalBasis.CONTRACT)
    replaced = [
        record_copy(session, first, b"one"),
        record_copy(session, first, b"two", host="b.example"),
        record_copy(session, second, b"three"),
    ]
    assert not any(replaced)
    copy = get_last_robots_copy(session, get_id(first), HOST)
    assert copy is not None and copy.body == "one"
    assert get_last_robots_copy(session, get_id(first), "c.example") is None


def test_a_huge_or_binary_robots_is_kept_cut_and_readable(session: Session) -> None:
    platform = make_platform(session)
    record_copy(session, platform, b"\0\xff" + b"a" * 2 * MAX_COPY_BYTES)
    session.commit()
    copy = session.exec(select(RobotsCopy)).one()
    assert copy.body.startswith("\ufffd\ufffdaaa") and copy.body.endswith("copie coupée ici : le fichier fait 1000002 octets")
    assert len(copy.body) < MAX_COPY_BYTES + 100
    assert record_copy(session, platform, b"\0\xff" + b"a" * 2 * MAX_COPY_BYTES) is False


def test_the_copies_that_changed_since_a_moment_come_with_the_one_before(session: Session) -> None:
    platform, second = make_platform(session), make_platform(session, "autre")
    for days, body in enumerate((b"one", b"two", b"two", b"three")):
        record_copy(session, platform, body, days)
        record_copy(session, second, b"other", days)
    record_copy(session, platform, b"first seen", 4, "ailleurs.example")
    rows = [(before.body, after.body) for before, after in list_changed_robots(session, NOW)]
    assert rows == [("two", "three"), ("one", "two")]
    assert [after.body for _, after in list_changed_robots(session, NOW + timedelta(days=2))] == ["three"]
    newest, middle, oldest = session.exec(
        select(RobotsCopy)
        .where(RobotsCopy.host == HOST, RobotsCopy.platform_id == platform.id)
        .order_by(col(RobotsCopy.id).desc())
    ).all()
    assert [get_previous_robots_copy(session, copy) for copy in (newest, middle, oldest)] == [middle, oldest, None]


def test_copies_are_listed_by_service_and_host_the_latest_first(session: Session) -> None:
    beta, alpha = make_platform(session, "beta"), make_platform(session, "alpha")
    for days, body in enumerate((b"one", b"two")):
        record_copy(session, beta, body, days)
    record_copy(session, beta, b"", 2, "b.example")
    record_copy(session, alpha, b"", 3)
    session.commit()
    session.expunge_all()
    rows = [(platform.slug, copy.host, copy.first_seen.day) for platform, copy in list_robots_copies(session)]
    assert rows == [("alpha", HOST, 25), ("beta", "b.example", 24), ("beta", HOST, 23), ("beta", HOST, 22)]


def test_the_difference_shows_what_came_and_went_with_two_lines_around() -> None:
    before = "User-agent: *\nDisallow: /a\nDisallow: /b\nDisallow: /c\nDisallow: /d"
    assert diff_robots(before, before.replace("/d", "/e")) == [
        "@@ -3,3 +3,3 @@", " Disallow: /b", " Disallow: /c", "-Disallow: /d", "+Disallow: /e",
    ]  # fmt: skip
    assert diff_robots(before, before) == [] and diff_robots("", "<b>\x1b") == ["@@ -0,0 +1 @@", "+<b>\x1b"]


def test_a_robots_without_end_is_compared_in_its_beginning_only() -> None:
    rules = [f"Disallow: /{rank}" for rank in range(2 * MAX_COMPARED_LINES)]
    changed = [*rules[:-1], "Disallow: /"]
    assert diff_robots("\n".join(rules), "\n".join(changed)) == []
