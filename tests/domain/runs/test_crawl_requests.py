"""Collections that agents ask for: when they will come, what refuses them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import LegalBasis, PlatformStatus, TaskKind
from domain.common.errors import UserError
from domain.models.agent import AuditLine
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.runs.crawl_requests import (
    cancel_run_request,
    get_collection_blocker,
    get_last_run_start,
    get_next_run_start,
    is_run_requested,
    request_run,
)
from domain.runs.runs import open_run
from domain.tasks import open_task
from tests.domain.builders import NOON, make_platform
from tests.domain.review_scene import make_agent

HOUR = timedelta(hours=1)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def make_daily_platform(session: Session, night: str | None = None) -> Platform:
    platform = make_platform(session)
    platform.every_hours, platform.night = 24, night
    session.flush()
    return platform


def test_a_platform_is_collected_again_a_day_later_in_its_night(session: Session) -> None:
    platform = make_daily_platform(session, "01:00-06:00")
    assert get_next_run_start(platform, None, NOON) == datetime(2026, 11, 23, 0, tzinfo=UTC)
    open_run(session, platform, NOON)
    last = get_last_run_start(session, platform)
    assert last == NOON and get_next_run_start(platform, last, NOON) == datetime(2026, 11, 24, 0, tzinfo=UTC)
    platform.night = None
    assert get_next_run_start(platform, last, NOON + HOUR) == NOON + 24 * HOUR
    assert get_next_run_start(platform, last, NOON + 30 * HOUR) == NOON + 30 * HOUR
    platform.every_hours = None
    assert get_next_run_start(platform, last, NOON) is None


def test_what_is_asked_for_comes_at_the_next_opening_and_is_done_once_begun(session: Session) -> None:
    platform, agent = make_daily_platform(session, "01:00-06:00"), make_agent(session)
    open_run(session, platform, NOON - HOUR)
    request_run(session, platform, agent, NOON)
    assert (platform.requested_at, platform.requested_by) == (NOON, agent.id)
    assert get_next_run_start(platform, get_last_run_start(session, platform), NOON) == datetime(2026, 11, 23, 0, tzinfo=UTC)
    with pytest.raises(UserError, match="déjà demandée"):
        request_run(session, platform, agent, NOON)
    open_run(session, platform, NOON + HOUR)
    assert not is_run_requested(platform, get_last_run_start(session, platform))
    with pytest.raises(UserError, match="déjà commencé"):
        cancel_run_request(session, platform, agent, NOON)


def test_what_was_asked_can_be_taken_back_and_both_are_told(session: Session) -> None:
    platform, agent = make_daily_platform(session), make_agent(session)
    request_run(session, platform, agent, NOON)
    cancel_run_request(session, platform, agent, NOON + HOUR)
    assert (platform.requested_at, platform.requested_by) == (None, None)
    events = session.exec(select(AuditLine)).all()
    assert [(event.action, event.platform_id, event.before, event.after) for event in events] == [
        ("run-wanted", platform.id, {"wanted": None}, {"wanted": "2026-11-22T12:00:00+00:00"}),
        ("run-unwanted", platform.id, {"wanted": "2026-11-22T12:00:00+00:00"}, {"wanted": None}),
    ]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"legal_basis": LegalBasis.FORBIDDEN}, "interdisent"),
        ({"status": PlatformStatus.CLOSED}, "fermé"),
        ({"status": PlatformStatus.PAUSED}, "suspendue"),
        ({"blocked": "accord à signer"}, "accord à signer"),
        ({"every_hours": None}, "éditeur"),
    ],
)
def test_a_platform_that_is_not_collected_cannot_be_asked_for(session: Session, facts: dict[str, object], message: str) -> None:
    platform = make_daily_platform(session)
    platform.sqlmodel_update(facts)
    with pytest.raises(UserError, match=message):
        request_run(session, platform, make_agent(session), NOON)
    assert platform.requested_at is None and session.exec(select(AuditLine)).all() == []


def test_a_platform_whose_robots_changed_waits_to_be_read_first(session: Session) -> None:
    platform = make_daily_platform(session)
    assert get_collection_blocker(session, platform) is None
    open_task(session, get_id(platform), TaskKind.ROBOTS, "robots.txt a changé", NOON)
    with pytest.raises(UserError, match="robots.txt a changé"):
        request_run(session, platform, make_agent(session), NOON)
