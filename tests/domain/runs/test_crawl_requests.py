"""A collection asked for by an agent: when it will come, why it cannot, and its trace."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import LegalBasis, PlatformStatus, TaskKind
from domain.common.errors import Problem
from domain.models.agent import AuditLine
from domain.models.platform import Platform
from domain.runs.crawl_requests import ask_for_run, is_wanted, last_start, next_start, why_not_collected, withdraw_wish
from domain.runs.runs import open_run
from domain.tasks import open_task
from tests.domain.builders import NOON, a_platform
from tests.domain.review_scene import an_agent

HOUR = timedelta(hours=1)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def daily(session: Session, night: str | None = None) -> Platform:
    platform = a_platform(session)
    platform.every_hours, platform.night = 24, night
    session.flush()
    return platform


def test_a_platform_is_collected_again_a_day_later_in_its_night(session: Session) -> None:
    platform = daily(session, "01:00-06:00")
    assert next_start(platform, None, NOON) == datetime(2026, 11, 23, 0, tzinfo=UTC)
    open_run(session, platform, NOON)
    last = last_start(session, platform)
    assert last == NOON and next_start(platform, last, NOON) == datetime(2026, 11, 24, 0, tzinfo=UTC)
    platform.night = None
    assert next_start(platform, last, NOON + HOUR) == NOON + 24 * HOUR
    assert next_start(platform, last, NOON + 30 * HOUR) == NOON + 30 * HOUR
    platform.every_hours = None
    assert next_start(platform, last, NOON) is None


def test_what_is_asked_for_comes_at_the_next_opening_and_is_done_once_begun(session: Session) -> None:
    platform, agent = daily(session, "01:00-06:00"), an_agent(session)
    open_run(session, platform, NOON - HOUR)
    ask_for_run(session, platform, agent, NOON)
    assert (platform.wanted, platform.wanted_by) == (NOON, agent.id)
    assert next_start(platform, last_start(session, platform), NOON) == datetime(2026, 11, 23, 0, tzinfo=UTC)
    with pytest.raises(Problem, match="déjà demandée"):
        ask_for_run(session, platform, agent, NOON)
    open_run(session, platform, NOON + HOUR)
    assert not is_wanted(platform, last_start(session, platform))
    with pytest.raises(Problem, match="déjà commencé"):
        withdraw_wish(session, platform, agent, NOON)


def test_what_was_asked_can_be_taken_back_and_both_are_told(session: Session) -> None:
    platform, agent = daily(session), an_agent(session)
    ask_for_run(session, platform, agent, NOON)
    withdraw_wish(session, platform, agent, NOON + HOUR)
    assert (platform.wanted, platform.wanted_by) == (None, None)
    lines = session.exec(select(AuditLine)).all()
    assert [(line.action, line.platform_id, line.before, line.after) for line in lines] == [
        ("run-wanted", platform.id, {"wanted": None}, {"wanted": "2026-11-22T12:00:00+00:00"}),
        ("run-unwanted", platform.id, {"wanted": "2026-11-22T12:00:00+00:00"}, {"wanted": None}),
    ]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"legal_basis": LegalBasis.FORBIDDEN}, "interdisent"),
        ({"status": PlatformStatus.CLOSED}, "fermé"),
        ({"status": PlatformStatus.PAUSED}, "suspendue"),
        ({"blocked": "accord à signer"}, "accord à signer"),
        ({"every_hours": None}, "éditeur"),
    ],
)
def test_a_platform_that_is_not_collected_cannot_be_asked_for(session: Session, facts: dict[str, object], said: str) -> None:
    platform = daily(session)
    platform.sqlmodel_update(facts)
    with pytest.raises(Problem, match=said):
        ask_for_run(session, platform, an_agent(session), NOON)
    assert platform.wanted is None and session.exec(select(AuditLine)).all() == []


def test_a_platform_whose_robots_changed_waits_to_be_read_first(session: Session) -> None:
    platform = daily(session)
    assert why_not_collected(session, platform) is None
    open_task(session, platform.id or 0, TaskKind.ROBOTS, "robots.txt a changé", NOON)
    with pytest.raises(Problem, match="robots.txt a changé"):
        ask_for_run(session, platform, an_agent(session), NOON)
