"""Health of each collection, the worst first; reports that wait."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.enums import Complaint, LegalBasis, PlatformStatus, ReportState, TaskKind
from domain.dashboard import Health, count_open_reports, list_platform_health
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.runs.acceptance import reject_held_run
from domain.runs.validation import RunExpectations
from domain.tasks import open_task
from tests.domain.builders import NOON, collect_run, make_observation, make_platform, make_rental

HOUR, ALWAYS, NEVER = timedelta(hours=1), RunExpectations(max_drop=1), RunExpectations(min=1000)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with write_session(engine) as session:
        yield session


def make_daily_platform(session: Session, slug: str) -> Platform:
    platform = make_platform(session, slug)
    platform.every_hours = 24
    return platform


def collect_titles(session: Session, platform: Platform, size: int, at: datetime, expect: RunExpectations = ALWAYS) -> int:
    observations = [
        make_observation(str(rank), f"Film {rank}", make_rental(url=f"https://cine.example/{rank}")) for rank in range(size)
    ]
    return get_id(collect_run(session, platform, observations, at, expect))


def map_health(session: Session, at: datetime = NOON) -> dict[str, Health]:
    return {platform_health.platform.slug: platform_health.health for platform_health in list_platform_health(session, at)}


def test_a_service_is_told_with_its_last_run_the_change_and_the_runs_that_wait_since(session: Session) -> None:
    platform = make_daily_platform(session, "cine")
    collect_titles(session, platform, 5, NOON - 90 * HOUR, NEVER)
    for size, hours in ((9, 72), (8, 48), (5, 24)):
        last = collect_titles(session, platform, size, NOON - hours * HOUR)
    collect_titles(session, platform, 3, NOON - 2 * HOUR, NEVER)
    newest = collect_titles(session, platform, 2, NOON - HOUR, NEVER)
    (platform_health,) = list_platform_health(session, NOON)
    assert (
        platform_health.run is not None
        and platform_health.last_held_run is not None
        and (platform_health.run.id, platform_health.last_held_run.id) == (last, newest)
    )
    assert (platform_health.accepted_rows, platform_health.change, platform_health.held, platform_health.health) == (
        5,
        -3,
        2,
        Health.HELD,
    )


def test_a_rejected_run_waits_no_more(session: Session) -> None:
    platform = make_daily_platform(session, "cine")
    collect_titles(session, platform, 5, NOON - HOUR)
    held = collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], NOON, NEVER)
    assert map_health(session) == {"cine": Health.HELD}
    reject_held_run(session, held, "coupé", NOON)
    assert map_health(session) == {"cine": Health.FINE}


def test_a_service_is_late_past_twice_its_rhythm(session: Session) -> None:
    collect_titles(session, make_daily_platform(session, "cine"), 5, NOON - 48 * HOUR)
    assert map_health(session) == {"cine": Health.FINE}
    assert map_health(session, NOON + timedelta(seconds=1)) == {"cine": Health.LATE}


def test_the_worst_come_first_and_what_nothing_expects_is_not_late(session: Session) -> None:
    for slug, hours in (("fine", 1), ("late", 60), ("later", 90), ("paused", 2)):
        collect_titles(session, make_daily_platform(session, slug), 3, NOON - hours * HOUR)
    pushed = make_platform(session, "pushed", LegalBasis.CONTRACT)
    collect_titles(session, pushed, 3, NOON - 900 * HOUR)
    paused = make_daily_platform(session, "paused")
    open_task(session, get_id(paused), TaskKind.ROBOTS, "robots.txt a changé", NOON)
    make_daily_platform(session, "never")
    by_slug = map_health(session)
    assert list(by_slug.items()) == [
        ("later", Health.LATE), ("late", Health.LATE), ("never", Health.NEVER), ("paused", Health.PAUSED),
        ("pushed", Health.UNKNOWN), ("fine", Health.FINE),
    ]  # fmt: skip


def test_services_that_cannot_come_in_are_left_out(session: Session) -> None:
    make_daily_platform(session, "closed").status = PlatformStatus.CLOSED
    make_daily_platform(session, "forbidden").legal_basis = LegalBasis.FORBIDDEN
    make_daily_platform(session, "blocked").blocked = "accord à signer"
    excluded = make_daily_platform(session, "once")
    collect_titles(session, excluded, 3, NOON - HOUR)
    excluded.blocked = "accord échu"
    session.flush()
    assert map_health(session) == {"once": Health.FINE}


def test_reports_that_wait_are_counted_from_the_oldest(session: Session) -> None:
    assert count_open_reports(session) == (0, None)
    for rank, state, days in (
        ("R-1", ReportState.RECEIVED, 1),
        ("R-2", ReportState.ONGOING, 4),
        ("R-3", ReportState.CORRECTED, 9),
    ):
        received = NOON - timedelta(days=days)
        session.add(ReaderReport(number=rank, complaint=Complaint.OTHER, state=state, received_at=received))
    assert count_open_reports(session) == (2, NOON - timedelta(days=4))
