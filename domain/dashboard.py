"""What waits for agents, and how healthy each collection is, at a moment."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from domain.common.enums import LegalBasis, PlatformStatus, RunState
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.models.run import Run
from domain.reports.reports import PENDING_STATES
from domain.runs.runs import get_run_counts
from domain.tasks import is_collection_paused

LATE_AFTER_INTERVALS = 2
"""A service is late once its last accepted run is older than that many times what its file says."""


class Health(StrEnum):
    """How a collection is, the worst first; unknown for a service that nothing says how often should come in."""

    LATE = "late"
    NEVER = "never"
    PAUSED = "paused"
    HELD = "held"
    UNKNOWN = "unknown"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class PlatformHealth:
    """A service that comes in: its last accepted run, the titles it kept, how many more than the one before.

    `held` counts the runs that wait for a person since, `last_held` is the last of them. `late` is None for a service whose
    editor sends its catalogue when it likes; `paused` waits for an agent to read its robots.txt.
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
        """What is worst about it."""
        faults = {Health.LATE: self.late, Health.NEVER: self.run is None, Health.PAUSED: self.paused, Health.HELD: self.held}
        return next((health for health, fault in faults.items() if fault), Health.UNKNOWN if self.late is None else Health.FINE)


def list_platform_health(session: Session, now: datetime) -> list[PlatformHealth]:
    """The services that are collected, or should be, the worst first."""
    comes_in = or_(col(Platform.blocked).is_(None), col(Platform.current_run_id).is_not(None))
    asked = select(Platform).where(
        comes_in, Platform.status != PlatformStatus.CLOSED, Platform.legal_basis != LegalBasis.FORBIDDEN
    )
    platforms = session.exec(asked.order_by(col(Platform.name))).all()
    current = _get_runs_by_platform(session, [platform.current_run_id for platform in platforms])
    before = _get_runs_by_platform(session, _list_previous_run_ids(session))
    held, last_held = _count_held_runs(session)
    lines = []
    for platform in platforms:
        number = platform.id or 0
        run = current.get(number)
        kept = get_run_counts(run).kept if run else None
        change = kept - get_run_counts(before[number]).kept if kept is not None and number in before else None
        late = _is_late(platform, run, now)
        lines.append(
            PlatformHealth(
                platform, run, kept, change, held[number], last_held.get(number), late, is_collection_paused(session, platform)
            )
        )
    return sorted(lines, key=_get_urgency)


def _get_urgency(line: PlatformHealth) -> tuple[int, datetime]:
    return list(Health).index(line.health), line.run.started_at if line.run else datetime.min.replace(tzinfo=UTC)


def _get_runs_by_platform(session: Session, run_ids: Iterable[int | None]) -> dict[int, Run]:
    found = session.exec(select(Run).where(col(Run.id).in_([number for number in run_ids if number is not None])))
    return {run.platform_id: run for run in found}


def _list_previous_run_ids(session: Session) -> list[int | None]:
    """The last accepted run of each platform but its current one."""
    asked = select(func.max(Run.id)).join(Platform, col(Platform.id) == col(Run.platform_id))
    asked = asked.where(Run.state == RunState.ACCEPTED, col(Run.id) < col(Platform.current_run_id))
    return list(session.exec(asked.group_by(col(Run.platform_id))))


def _count_held_runs(session: Session) -> tuple[Counter[int], dict[int, Run]]:
    """By platform, how many runs wait that are newer than its current one, and the last of them."""
    asked = select(Run.platform_id, func.count(), func.max(Run.id)).join(Platform, col(Platform.id) == col(Run.platform_id))
    newer = or_(col(Platform.current_run_id).is_(None), col(Run.id) > col(Platform.current_run_id))
    found = session.exec(asked.where(Run.state == RunState.HELD, newer).group_by(col(Run.platform_id))).all()
    return Counter({number: many for number, many, _ in found}), _get_runs_by_platform(session, [last for _, _, last in found])


def _is_late(platform: Platform, run: Run | None, now: datetime) -> bool | None:
    if platform.every_hours is None or platform.status is PlatformStatus.PAUSED:
        return None
    return run is not None and now - run.started_at > LATE_AFTER_INTERVALS * timedelta(hours=platform.every_hours)


def count_open_reports(session: Session) -> tuple[int, datetime | None]:
    """How many readers' reports wait for an answer, and when the oldest came."""
    asked = select(func.count(), func.min(ReaderReport.received_at)).where(col(ReaderReport.state).in_(PENDING_STATES))
    return session.exec(asked).one()
