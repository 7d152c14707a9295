"""Tell agents how healthy the collection of each platform is, and what readers' reports wait for them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from domain.common.enums import LegalBasis, PlatformStatus, RunState
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.models.run import Run
from domain.reports.reports import PENDING_STATES
from domain.runs.crawl_requests import get_due_at
from domain.runs.runs import get_run_counts
from domain.tasks import is_collection_paused

LATE_AFTER_INTERVALS = 2
"""A platform is late once its last accepted run is older than so many times its rhythm."""


class Health(StrEnum):
    """Name how healthy a collection is, the worst first; unknown for a platform without a rhythm."""

    LATE = "late"
    NEVER = "never"
    PAUSED = "paused"
    HELD = "held"
    UNKNOWN = "unknown"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class PlatformHealth:
    """Represent a platform with its last accepted run, the titles it kept, and how many more than the run before.

    `held` counts the runs held since then, `last_held_run` is the last of them. `late` is None for a platform whose editor sends
    its catalogue at will; `paused` means that an agent must read its robots.txt first.
    """

    platform: Platform
    run: Run | None
    accepted_rows: int | None
    change: int | None
    held: int
    last_held_run: Run | None
    late: bool | None
    paused: bool

    @property
    def health(self) -> Health:
        """The worst that is wrong with the collection."""
        faults = {Health.LATE: self.late, Health.NEVER: self.run is None, Health.PAUSED: self.paused, Health.HELD: self.held}
        for health, is_faulty in faults.items():
            if is_faulty:
                return health
        return Health.UNKNOWN if self.late is None else Health.FINE


@dataclass(frozen=True, slots=True)
class _RunHistory:
    """Hold the runs by platform that the health of all platforms is computed from."""

    current: Mapping[int, Run]
    previous: Mapping[int, Run]
    held_counts: Counter[int]
    last_held: Mapping[int, Run]


def list_platform_health(session: Session, now: datetime) -> list[PlatformHealth]:
    """List the platforms that are collected, or should be, the worst first."""
    comes_in = or_(col(Platform.blocked).is_(None), col(Platform.current_run_id).is_not(None))
    query = select(Platform).where(
        comes_in, Platform.status != PlatformStatus.CLOSED, Platform.legal_basis != LegalBasis.FORBIDDEN
    )
    platforms = session.exec(query.order_by(col(Platform.name))).all()
    current = _get_runs_by_platform(session, [platform.current_run_id for platform in platforms])
    previous = _get_runs_by_platform(session, _list_previous_run_ids(session))
    history = _RunHistory(current, previous, *_count_held_runs(session))
    health = [_build_health(session, platform, history, now) for platform in platforms]
    return sorted(health, key=_get_urgency)


def _build_health(session: Session, platform: Platform, history: _RunHistory, now: datetime) -> PlatformHealth:
    platform_id = get_id(platform)
    run = history.current.get(platform_id)
    previous = history.previous.get(platform_id)
    accepted_rows = get_run_counts(run).kept if run else None
    change = None
    if accepted_rows is not None and previous is not None:
        change = accepted_rows - get_run_counts(previous).kept
    return PlatformHealth(
        platform,
        run,
        accepted_rows,
        change,
        history.held_counts[platform_id],
        history.last_held.get(platform_id),
        _is_late(platform, run, now),
        is_collection_paused(session, platform),
    )


def _get_urgency(health: PlatformHealth) -> tuple[int, datetime]:
    since = health.run.started_at if health.run else datetime.min.replace(tzinfo=UTC)
    return list(Health).index(health.health), since


def _get_runs_by_platform(session: Session, run_ids: Iterable[int | None]) -> dict[int, Run]:
    known_ids = [run_id for run_id in run_ids if run_id is not None]
    runs = session.exec(select(Run).where(col(Run.id).in_(known_ids)))
    return {run.platform_id: run for run in runs}


def _list_previous_run_ids(session: Session) -> list[int | None]:
    """List the last accepted run of each platform before its current one."""
    query = select(func.max(Run.id)).join(Platform, col(Platform.id) == col(Run.platform_id))
    query = query.where(Run.state == RunState.ACCEPTED, col(Run.id) < col(Platform.current_run_id))
    return list(session.exec(query.group_by(col(Run.platform_id))))


def _count_held_runs(session: Session) -> tuple[Counter[int], dict[int, Run]]:
    """Count by platform the held runs that are newer than its current one, and return the last of them."""
    query = select(Run.platform_id, func.count(), func.max(Run.id))
    query = query.join(Platform, col(Platform.id) == col(Run.platform_id))
    is_newer = or_(col(Platform.current_run_id).is_(None), col(Run.id) > col(Platform.current_run_id))
    rows = session.exec(query.where(Run.state == RunState.HELD, is_newer).group_by(col(Run.platform_id))).all()
    counts = Counter({platform_id: count for platform_id, count, _ in rows})
    return counts, _get_runs_by_platform(session, [last_id for _, _, last_id in rows])


def _is_late(platform: Platform, run: Run | None, now: datetime) -> bool | None:
    """Tell whether a platform is late, None for one without a rhythm or in pause."""
    if platform.every_hours is None or platform.status is PlatformStatus.PAUSED:
        return None
    return run is not None and now > get_due_at(platform.every_hours, run.started_at, LATE_AFTER_INTERVALS)


def count_open_reports(session: Session) -> tuple[int, datetime | None]:
    """Count the readers' reports that wait for an answer, and return when the oldest came."""
    query = select(func.count(), func.min(ReaderReport.received_at)).where(col(ReaderReport.state).in_(PENDING_STATES))
    return session.exec(query).one()
