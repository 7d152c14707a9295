"""Open runs, hold them, store what they observed and read them back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.common.enums import HoldCode, IssueLevel, Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import VERSION
from domain.common.text import format_count
from domain.models.entry import Entry
from domain.models.platform import Platform
from domain.models.run import Observation, Run, RunIssue
from domain.runs.hold_reasons import HoldReason, build_reason, format_verdict, set_hold_reasons
from domain.runs.observation import ObservedEntry
from domain.runs.validation import RunCounts

STATE_LABELS = {
    RunState.OPEN: "en cours",
    RunState.ACCEPTED: "acceptée",
    RunState.HELD: "en attente",
    RunState.REJECTED: "refusée",
}


def open_run(session: Session, platform: Platform, now: datetime) -> Run:
    """Open a run of the platform; runs that a crash left open are held first."""
    assert platform.id is not None
    left_open = select(Run).where(col(Run.platform_id) == platform.id, col(Run.state) == RunState.OPEN)
    for interrupted in session.exec(left_open):
        hold_run(session, interrupted, Outcome.FAILED, [build_reason(HoldCode.INTERRUPTED)], now)
    run = Run(platform_id=platform.id, code_version=VERSION, started_at=now)
    session.add(run)
    session.flush()
    return run


def get_run(session: Session, run_id: int) -> Run:
    """Return a run by its id. Raises UserError when there is none."""
    run = session.get(Run, run_id)
    if run is None:
        raise UserError(f"collecte inconnue : {run_id} (voir « ouvoir runs »)")
    return run


def hold_run(session: Session, run: Run, outcome: Outcome, reasons: Iterable[HoldReason], now: datetime) -> None:
    """End a run without showing anything of it: it waits for an agent, with its reasons."""
    run.state = RunState.HELD
    run.outcome = outcome
    run.ended_at = now
    set_hold_reasons(run, reasons)
    session.add(run)


def add_issue(session: Session, run_id: int, level: IssueLevel, kind: str, message: str, ref: str = "") -> None:
    """Store an issue of the run; `ref` is the platform's id of the title it concerns."""
    session.add(RunIssue(run_id=run_id, level=level, kind=kind, ref=ref, message=message))


def add_omitted_issues(session: Session, run_id: int, level: IssueLevel, kind: str, count: int) -> None:
    """Store how many more issues of a kind there were than those stored one by one."""
    session.add(RunIssue(run_id=run_id, level=level, kind=kind, message="", omitted_count=count))


def store_observations(session: Session, run_id: int, observations: Sequence[ObservedEntry]) -> None:
    """Store a batch of observed titles under the run, apart from the live tables."""
    rows: list[dict[str, Any]] = [
        {
            "run_id": run_id,
            "ref": observation.ref,
            "payload": observation.model_dump(mode="json", exclude_defaults=True),
        }
        for observation in observations
    ]
    if rows:
        session.exec(insert(Observation), params=rows)


def iter_observation_batches(session: Session, run_id: int, size: int = 1000) -> Iterator[list[ObservedEntry]]:
    """Iterate over the titles that a run observed, in order, in lists of at most `size`."""
    last_id: int | None = 0
    while True:
        query = select(Observation.id, Observation.payload)
        query = query.where(col(Observation.run_id) == run_id, col(Observation.id) > last_id)
        rows = session.exec(query.order_by(col(Observation.id)).limit(size)).all()
        if not rows:
            return
        last_id = rows[-1][0]
        yield [ObservedEntry.model_validate(payload) for _, payload in rows]


def delete_observations(session: Session, run: Run) -> None:
    """Delete the observations of an accepted run, which are in the live tables now, and of older runs of its platform."""
    over = select(col(Run.id)).where(col(Run.platform_id) == run.platform_id, col(Run.id) <= run.id)
    session.exec(delete(Observation).where(col(Observation.run_id).in_(over)))


def get_last_accepted_run(session: Session, platform_id: int) -> Run | None:
    """Return the platform's last accepted run, None when it has none."""
    return session.exec(_select_accepted_runs(platform_id)).first()


def get_previous_complete_run(session: Session, run: Run) -> Run | None:
    """Return the last complete accepted run of the same platform before this one, None when there is none."""
    earlier = _select_accepted_runs(run.platform_id).where(col(Run.outcome) == Outcome.COMPLETE, col(Run.id) < run.id)
    return session.exec(earlier).first()


def _select_accepted_runs(platform_id: int) -> SelectOfScalar[Run]:
    """Select the accepted runs of a platform, the newest first."""
    accepted = select(Run).where(col(Run.platform_id) == platform_id, col(Run.state) == RunState.ACCEPTED)
    return accepted.order_by(col(Run.id).desc())


def is_in_current_run() -> ColumnElement[bool]:
    """Return the SQL condition that an entry was seen by its platform's current run."""
    return (col(Platform.id) == col(Entry.platform_id)) & (col(Platform.current_run_id) == col(Entry.last_run_id))


def list_runs(
    session: Session, start: int, limit: int, platform_id: int | None = None, state: RunState | None = None
) -> Sequence[tuple[Run, Platform]]:
    """List runs with their platforms, the newest first, optionally those of a platform or in a state."""
    query = select(Run, Platform).join(Platform, col(Platform.id) == col(Run.platform_id))
    if platform_id is not None:
        query = query.where(Run.platform_id == platform_id)
    if state is not None:
        query = query.where(Run.state == state)
    return session.exec(query.order_by(col(Run.id).desc()).offset(start).limit(limit)).all()


def format_run(run: Run) -> str:
    """Format a run as « collecte 3 en attente : 12 lignes reçues, 10 titres gardés ; raison : … »."""
    counts = get_run_counts(run)
    figures = f"{format_count(counts.rows, 'ligne reçue')}, {format_count(counts.kept, 'titre gardé')}"
    summary = f"collecte {run.id} {STATE_LABELS[run.state]} : {figures}"
    verdict = format_verdict(run)
    return f"{summary} ; raison : {verdict}" if verdict else summary


def get_run_counts(run: Run) -> RunCounts:
    """Return the counts of a run."""
    return RunCounts.model_validate(run.counts)
