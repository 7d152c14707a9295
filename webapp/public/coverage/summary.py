"""Coverage in public: how many films, and what became of each service's lines."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response
from sqlmodel import Session, col, func, select

from domain.common.enums import RunState
from domain.coverage.summary import Coverage, count_coverage
from domain.models.run import Run
from domain.review.sampling import ErrorRate
from webapp.core.context import iso, keep_for_period, page, session

pages = Blueprint("coverage", __name__)
_COLUMNS = (
    *("counted_at", "platform", "platform_name", "run", "collected_at", "rows_received", "rows_kept"),
    *("rows_linked", "rows_doubtful", "rows_unlinked", "films_available", "held_run", "held_at"),
    *("links_checked", "links_wrong", "links_undecided", "error_rate", "error_low", "error_high"),
)


def held_since(db: Session, coverage: Coverage) -> dict[str, Run]:
    """By platform slug, the last collection kept aside, where it is later than the one shown."""
    newest = select(func.max(Run.id)).where(col(Run.state) == RunState.HELD).group_by(col(Run.platform_id))
    held = {run.platform_id: run for run in db.exec(select(Run).where(col(Run.id).in_(newest)))}
    found = {}
    for row in coverage.platforms:
        run = held.get(row.platform.id or 0)
        if run and (row.run is None or run.started > row.run.started):
            found[row.platform.slug] = run
    return found


def with_runs(coverage: Coverage, held: dict[str, Run]) -> Coverage:
    """The same counts, of the services that have been collected once at least, be it in vain."""
    return replace(coverage, platforms=[row for row in coverage.platforms if row.run or row.platform.slug in held])


def coverage_csv(coverage: Coverage, held: dict[str, Run]) -> str:
    """One line a platform: UTF-8, commas, ISO 8601 moments in UTC, empty where unknown."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for row in coverage.platforms:
        counts = (row.received, row.kept, row.linked, row.doubtful, row.unlinked, row.films)
        told = (*_run_cells(row.run), *counts, *_run_cells(held.get(row.platform.slug)), *_check_cells(row.checks))
        table.writerow([iso(coverage.at), row.platform.slug, row.platform.name, *told])
    return text.getvalue()


def _check_cells(checks: ErrorRate) -> tuple[object, ...]:
    """Rates are from 0 to 1; nothing is said where nothing was checked."""
    measured = (f"{value:.4f}" for value in (checks.rate, *checks.interval)) if checks.rate is not None else ("", "", "")
    return (checks.checked, checks.wrong, checks.unsure, *measured)


def _run_cells(run: Run | None) -> tuple[int | None, str | None]:
    return (run.id, iso(run.started)) if run else (None, None)


def _count(at: datetime) -> tuple[Coverage, dict[str, Run], int]:
    """The counts, the runs held, and how many services of the register have no run."""
    with session() as db:
        coverage = count_coverage(db, at)
        held = held_since(db, coverage)
    shown = with_runs(coverage, held)
    return shown, held, len(coverage.platforms) - len(shown.platforms)


@pages.get("/couverture")
def report() -> Response:
    """The counts, with their moment and their method."""
    at = datetime.now(UTC)
    coverage, held, others = _count(at)
    size = len(coverage_csv(coverage, held).encode())
    return page("public/coverage/report.html", at, coverage=coverage, held=held, size=size, others=others)


@pages.get("/couverture.csv")
def table() -> Response:
    """The table of services, for reuse."""
    at = datetime.now(UTC)
    coverage, held, _ = _count(at)
    answer = Response(coverage_csv(coverage, held), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=couverture.csv"
    return keep_for_period(answer, at)
