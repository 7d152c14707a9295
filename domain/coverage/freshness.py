"""Measure T17: how fresh the published state is, the runs left aside since, and the links that lead nowhere."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from domain.common.enums import LinkFinding
from domain.common.paris_time import get_paris_date
from domain.coverage.dataset import DaySnapshot
from domain.coverage.entry_outcomes import get_accepted_runs
from domain.coverage.schema import Cell, Column, Knowledge, Row, TableBody, Unit, compute_share
from domain.models.agent import AuditLine
from domain.models.link_check import LinkCheck
from domain.models.run import Run
from domain.runs.runs import get_run_counts

REJECTED_ACTION = "run-rejected"
_DECISION_ACTIONS = (REJECTED_ACTION, "run-held-again", "run-accepted")
_FINDINGS = (LinkFinding.GONE, LinkFinding.FAULT, LinkFinding.REFUSED)
_COLUMNS = (
    *(Column("Service", Unit.TEXT), Column("Dernière collecte acceptée", Unit.TEXT), Column("Âge (jours)", Unit.DAYS)),
    *(Column("Titres gardés"), Column("Titres d’avant"), Column("Écart"), Column("Écart relatif", Unit.SHARE)),
    *(Column("Collectes non acceptées depuis"), Column("dont refusées")),
    *(Column("Pages en échec"), Column("Part des pages", Unit.SHARE)),
    *(Column("Liens vérifiés"), Column("Introuvables"), Column("En panne"), Column("Fermés au robot"), Column("Masqués")),
)
_UNKNOWN_LINK_CELLS: Row = (None,) * 5


def measure_freshness(day: DaySnapshot) -> TableBody:
    """Measure T17 by service: the last accepted run, its change from the one before, runs left aside since, links checked."""
    runs = get_accepted_runs(day)
    last_run_ids = {platform_id: _get_id(accepted[-1]) for platform_id, accepted in runs.items()}
    unaccepted = _get_unaccepted_runs(day, last_run_ids)
    rejected = _get_rejected_runs(day)
    link_cells = _build_link_cells(day)
    rows = []
    for platform_id, platform in day.platforms.items():
        *before, last = runs[platform_id]
        counts = get_run_counts(last)
        left_aside = unaccepted[platform_id]
        row: Row = (
            platform.name,
            *_build_age_cells(day, last),
            *_build_change_cells(counts.kept, before),
            *(len(left_aside), len(left_aside & rejected)),
            *(counts.missed, compute_share(counts.missed, counts.listed)),
            *link_cells.get(platform_id, _UNKNOWN_LINK_CELLS),
        )
        rows.append(row)
    return TableBody(_COLUMNS, tuple(rows), chart_column=2)


def _get_id(run: Run) -> int:
    assert run.id is not None
    return run.id


def _build_age_cells(day: DaySnapshot, last: Run) -> tuple[Cell, Cell]:
    """Build the day of the last accepted run, and its age in days."""
    run_date = get_paris_date(last.started_at)
    return (run_date.isoformat(), (day.date - run_date).days)


def _build_change_cells(accepted_rows: int, before: Sequence[Run]) -> tuple[Cell, ...]:
    """Build the accepted rows of the last run and of the one before, and the change; unknown when there is none before."""
    if not before:
        return (accepted_rows, None, None, None)
    earlier = get_run_counts(before[0]).kept
    change = accepted_rows - earlier
    return (accepted_rows, earlier, change, compute_share(change, earlier))


def _get_unaccepted_runs(day: DaySnapshot, last_run_ids: Mapping[int, int]) -> defaultdict[int, set[int]]:
    """Return, by platform id, the runs begun since the last accepted one and not accepted by the day, even in progress."""
    oldest = min(last_run_ids.values(), default=0)
    stmt = select(col(Run.platform_id), col(Run.id)).where(col(Run.started_at) <= day.at, col(Run.id) > oldest)
    unaccepted = defaultdict[int, set[int]](set)
    for platform_id, run_id in day.session.execute(stmt):
        if platform_id in last_run_ids and run_id > last_run_ids[platform_id]:
            unaccepted[platform_id].add(run_id)
    return unaccepted


def _get_rejected_runs(day: DaySnapshot) -> set[int]:
    """Return the ids of runs that a person had rejected by the day and not taken up again.

    They are read from the audit trail: the state of a run only says what it is today.
    """
    stmt = select_rows(AuditLine.run_id, AuditLine.action).where(col(AuditLine.action).in_(_DECISION_ACTIONS))
    if day.filters.knowledge is Knowledge.THEN:
        stmt = stmt.where(col(AuditLine.logged_at) <= day.at)
    last_actions = dict(day.session.exec(stmt.order_by(col(AuditLine.id))).all())
    return {run_id for run_id, action in last_actions.items() if run_id and action == REJECTED_ACTION}


def _build_link_cells(day: DaySnapshot) -> dict[int, Row]:
    """Build, by platform id, how many links were checked, have no page, are at fault, refuse the robot, and are hidden.

    Nothing is known of a day that is over: what a link answered then is not stored.
    """
    if day.date != get_paris_date(datetime.now(UTC)):
        return {}
    counts = defaultdict[int, Counter[LinkFinding]](Counter)
    hidden = Counter[int]()
    keys = (col(LinkCheck.platform_id), col(LinkCheck.finding))
    stmt = select(*keys, func.count(), func.count(col(LinkCheck.hidden_at))).group_by(*keys)
    for platform_id, finding, count, hidden_count in day.session.execute(stmt):
        counts[platform_id][finding] += count
        hidden[platform_id] += hidden_count
    cells: dict[int, Row] = {}
    for platform_id in day.platforms:
        findings = counts[platform_id]
        cells[platform_id] = (findings.total(), *(findings[finding] for finding in _FINDINGS), hidden[platform_id])
    return cells
