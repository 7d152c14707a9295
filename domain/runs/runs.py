"""The life of a run: opened, observed, ended; its issues; its observations."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert
from sqlmodel import Session, col, select

from domain.common.enums import IssueLevel, Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import VERSION
from domain.common.text import format_count
from domain.models.entry import Entry
from domain.models.platform import Platform
from domain.models.run import Observation, Run, RunIssue
from domain.runs.observation import ObservedEntry
from domain.runs.validation import RunCounts

INTERRUPTED_VERDICT = "interrompue avant la fin"
STATE_LABELS = {
    RunState.OPEN: "en cours",
    RunState.ACCEPTED: "acceptée",
    RunState.HELD: "en attente",
    RunState.REJECTED: "refusée",
}


def open_run(session: Session, platform: Platform, now: datetime) -> Run:
    """A new run of the platform; runs of it left open by a crash are closed as held first."""
    assert platform.id is not None
    left_open = select(Run).where(col(Run.platform_id) == platform.id, col(Run.state) == RunState.OPEN)
    for run in session.exec(left_open):
        hold_run(session, run, Outcome.FAILED, INTERRUPTED_VERDICT, now)
    run = Run(platform_id=platform.id, code_version=VERSION, started_at=now)
    session.add(run)
    session.flush()
    return run


def get_run(session: Session, run_id: int) -> Run:
    """The run of that number. Raises Problem when there is none."""
    run = session.get(Run, run_id)
    if run is None:
        raise UserError(f"collecte inconnue : {run_id} (voir « ouvoir runs »)")
    return run


def hold_run(session: Session, run: Run, outcome: Outcome, verdict: str, now: datetime) -> None:
    """Keeps a run aside: agents see why, and nothing else moves."""
    run.state, run.outcome, run.verdict, run.ended_at = RunState.HELD, outcome, verdict, now
    session.add(run)


def add_issue(session: Session, run_id: int, level: IssueLevel, kind: str, message: str, ref: str = "") -> None:
    """Writes one line in the run's log."""
    session.add(RunIssue(run_id=run_id, level=level, kind=kind, ref=ref, message=message))


def store_observations(session: Session, run_id: int, lines: Sequence[ObservedEntry]) -> None:
    """Puts a batch of lines beside the live tables."""
    rows: list[dict[str, Any]] = [
        {"run_id": run_id, "ref": line.ref, "payload": line.model_dump(mode="json", exclude_defaults=True)} for line in lines
    ]
    if rows:
        session.exec(insert(Observation), params=rows)


def iter_observation_batches(session: Session, run_id: int, size: int = 1000) -> Iterator[list[ObservedEntry]]:
    """The lines that a run saw, in the order it saw them, so many at a time."""
    last = 0
    while True:
        asked = select(Observation.id, Observation.payload).where(col(Observation.run_id) == run_id, col(Observation.id) > last)
        stored = session.exec(asked.order_by(col(Observation.id)).limit(size)).all()
        if not stored:
            return
        last = stored[-1][0] or 0
        yield [ObservedEntry.model_validate(payload) for _, payload in stored]


def delete_observations(session: Session, run: Run) -> None:
    """Frees the lines of an accepted run, which entries and offers now hold, and of those before it, too late to accept."""
    over = select(col(Run.id)).where(col(Run.platform_id) == run.platform_id, col(Run.id) <= run.id)
    session.exec(delete(Observation).where(col(Observation.run_id).in_(over)))


def get_last_accepted_run(session: Session, platform_id: int) -> Run | None:
    """The last run of the platform that was believed."""
    asked = select(Run).where(col(Run.platform_id) == platform_id, col(Run.state) == RunState.ACCEPTED)
    return session.exec(asked.order_by(col(Run.id).desc())).first()


def get_previous_complete_run(session: Session, run: Run) -> Run | None:
    """The last complete run of the same platform that was believed before this one."""
    asked = select(Run).where(col(Run.platform_id) == run.platform_id, col(Run.state) == RunState.ACCEPTED)
    asked = asked.where(col(Run.outcome) == Outcome.COMPLETE, col(Run.id) < run.id)
    return session.exec(asked.order_by(col(Run.id).desc())).first()


def is_in_current_run() -> ColumnElement[bool]:
    """Whether an entry was seen by its platform's current run, as an SQL condition."""
    return (col(Platform.id) == col(Entry.platform_id)) & (col(Platform.current_run_id) == col(Entry.last_run_id))


def list_runs(
    session: Session, start: int, limit: int, platform_id: int | None = None, state: RunState | None = None
) -> Sequence[tuple[Run, Platform]]:
    """The runs of a platform and in a state, or of all, the last first, each with its platform."""
    asked = select(Run, Platform).join(Platform, col(Platform.id) == col(Run.platform_id))
    if platform_id is not None:
        asked = asked.where(Run.platform_id == platform_id)
    if state is not None:
        asked = asked.where(Run.state == state)
    return session.exec(asked.order_by(col(Run.id).desc()).offset(start).limit(limit)).all()


def group_issues_by_kind(session: Session, run_id: int) -> dict[str, list[str]]:
    """The issues of a run by kind, as messages with the line they concern."""
    found: dict[str, list[str]] = {}
    for issue in session.exec(select(RunIssue).where(col(RunIssue.run_id) == run_id).order_by(col(RunIssue.id))):
        found.setdefault(issue.kind, []).append(f"{issue.ref} : {issue.message}" if issue.ref else issue.message)
    return found


def format_run(run: Run) -> str:
    """« collecte 3 en attente : 12 lignes reçues, 10 titres gardés ; raison : … »."""
    counts = get_run_counts(run)
    received, accepted = format_count(counts.rows, "ligne reçue"), format_count(counts.kept, "titre gardé")
    told = f"collecte {run.id} {STATE_LABELS[run.state]} : {received}, {accepted}"
    return f"{told} ; raison : {run.verdict}" if run.verdict else told


def get_run_counts(run: Run) -> RunCounts:
    """What the run counted."""
    return RunCounts.model_validate(run.counts)
