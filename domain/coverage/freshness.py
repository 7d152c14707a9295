"""T17: how fresh what is shown is, the runs left aside since, and the links that lead nowhere."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from domain.common.enums import LinkFinding
from domain.common.paris_time import get_paris_date
from domain.coverage.dataset import DaySnapshot
from domain.coverage.entry_outcomes import get_accepted_runs
from domain.coverage.schema import Cell, Column, Knowledge, TableBody, Unit, compute_share
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

_UNKNOWN_CELLS: tuple[Cell, ...] = (None,) * 5


def measure_freshness(day: DaySnapshot) -> TableBody:
    """T17: by service, last accepted run and its age, lines against the run before, runs left aside since, links checked."""
    runs = get_accepted_runs(day)
    left, links = _get_unaccepted_runs(day, runs), _count_link_checks(day)
    rejected = _get_rejected_runs(day)
    rows = []
    for number, platform in day.platforms.items():
        *before, last = runs[number]
        since, counts = left[number], get_run_counts(last)
        told = [len(since), len(since & rejected), counts.missed, compute_share(counts.missed, counts.listed)]
        found = links[number] if links is not None else _UNKNOWN_CELLS
        rows.append((platform.name, *_build_age_cells(day, last), *_build_change_cells(counts.kept, before), *told, *found))
    return TableBody(_COLUMNS, tuple(rows), chart_column=2)


def _build_age_cells(day: DaySnapshot, last: Run) -> tuple[Cell, ...]:
    when = get_paris_date(last.started_at)
    return (when.isoformat(), (day.date - when).days)


def _build_change_cells(accepted_rows: int, before: Sequence[Run]) -> tuple[Cell, ...]:
    if not before:
        return (accepted_rows, None, None, None)
    earlier = get_run_counts(before[0]).kept
    return (accepted_rows, earlier, accepted_rows - earlier, compute_share(accepted_rows - earlier, earlier))


def _get_unaccepted_runs(day: DaySnapshot, runs: dict[int, list[Run]]) -> defaultdict[int, set[int]]:
    """By service, runs begun since the last accepted one and not accepted by the day, be they in progress."""
    last = {number: found[-1].id or 0 for number, found in runs.items()}
    asked = select_rows(Run.platform_id, Run.id).where(col(Run.started_at) <= day.at, col(Run.id) > min(last.values(), default=0))
    found = defaultdict[int, set[int]](set)
    for platform, number in day.session.exec(asked):
        if platform in last and number and number > last[platform]:
            found[platform].add(number)
    return found


def _get_rejected_runs(day: DaySnapshot) -> set[int]:
    """The runs that a person had rejected by the day, and not taken up again: the state of a run says what it is today only."""
    asked = select_rows(AuditLine.run_id, AuditLine.action).where(col(AuditLine.action).in_(_DECISION_ACTIONS))
    if day.filters.known is Knowledge.THEN:
        asked = asked.where(col(AuditLine.logged_at) <= day.at)
    said = dict(day.session.exec(asked.order_by(col(AuditLine.id))).all())
    return {number for number, action in said.items() if number and action == REJECTED_ACTION}


def _count_link_checks(day: DaySnapshot) -> dict[int, tuple[Cell, ...]] | None:
    """By service, links checked, those without a page, at fault, or not to be read, and those hidden.

    None on a day that is over: what a link answered then is not kept.
    """
    if day.date != get_paris_date(datetime.now(UTC)):
        return None
    by = col(LinkCheck.platform_id), col(LinkCheck.finding)
    asked = select(*by, func.count(), func.count(col(LinkCheck.hidden_at))).group_by(*by)
    counts, hidden = defaultdict[int, Counter[LinkFinding]](Counter), Counter[int]()
    for platform, finding, number, away in day.session.execute(asked):
        counts[platform][finding] += number
        hidden[platform] += away
    return {
        number: (counts[number].total(), *(counts[number][one] for one in _FINDINGS), hidden[number]) for number in day.platforms
    }
