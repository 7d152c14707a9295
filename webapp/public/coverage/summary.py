"""Coverage in public: how many films, and what became of each service's lines."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

from flask import Response
from sqlmodel import Session, col, func, select

from domain.common.enums import RunState
from domain.coverage.summary import Coverage, count_coverage
from domain.models.run import Run
from domain.review.sampling import ErrorRate
from webapp.core.context import cache_for_period, format_iso, open_db_session, render_page

_CSV_COLUMNS = (
    *("counted_at", "platform", "platform_name", "run", "collected_at", "rows_received", "rows_kept"),
    *("rows_linked", "rows_doubtful", "rows_unlinked", "films_available", "held_run", "held_at"),
    *("links_checked", "links_wrong", "links_undecided", "error_rate", "error_low", "error_high"),
)


def get_held_runs(db: Session, coverage: Coverage) -> dict[str, Run]:
    """By platform slug, the last collection kept aside, where it is later than the one shown."""
    newest = select(func.max(Run.id)).where(col(Run.state) == RunState.HELD).group_by(col(Run.platform_id))
    held = {run.platform_id: run for run in db.exec(select(Run).where(col(Run.id).in_(newest)))}
    found = {}
    for row in coverage.platforms:
        run = held.get(row.platform.id or 0)
        if run and (row.run is None or run.started_at > row.run.started_at):
            found[row.platform.slug] = run
    return found


def keep_collected_platforms(coverage: Coverage, held: dict[str, Run]) -> Coverage:
    """The same counts, of the services that have been collected once at least, be it in vain."""
    return replace(coverage, platforms=[row for row in coverage.platforms if row.run or row.platform.slug in held])


def render_coverage_csv(coverage: Coverage, held: dict[str, Run]) -> str:
    """One line a platform: UTF-8, commas, ISO 8601 moments in UTC, empty where unknown."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_CSV_COLUMNS)
    for row in coverage.platforms:
        counts = (row.received_rows, row.accepted_rows, row.linked, row.doubtful, row.unlinked, row.films)
        told = (
            *_format_run_cells(row.run),
            *counts,
            *_format_run_cells(held.get(row.platform.slug)),
            *_format_check_cells(row.checks),
        )
        table.writerow([format_iso(coverage.as_of), row.platform.slug, row.platform.name, *told])
    return text.getvalue()


def _format_check_cells(checks: ErrorRate) -> tuple[object, ...]:
    """Rates are from 0 to 1; nothing is said where nothing was checked."""
    measured = (f"{value:.4f}" for value in (checks.rate, *checks.interval)) if checks.rate is not None else ("", "", "")
    return (checks.checked, checks.wrong, checks.unsure, *measured)


def _format_run_cells(run: Run | None) -> tuple[int | None, str | None]:
    return (run.id, format_iso(run.started_at)) if run else (None, None)


def _count_shown_coverage(at: datetime) -> tuple[Coverage, dict[str, Run], int]:
    """The counts, the runs held, and how many services of the register have no run."""
    with open_db_session() as db:
        coverage = count_coverage(db, at)
        held = get_held_runs(db, coverage)
    shown = keep_collected_platforms(coverage, held)
    return shown, held, len(coverage.platforms) - len(shown.platforms)


def show_coverage() -> Response:
    """The counts, with their moment and their method."""
    at = datetime.now(UTC)
    coverage, held, others = _count_shown_coverage(at)
    size = len(render_coverage_csv(coverage, held).encode())
    return render_page("public/coverage/report.html", at, coverage=coverage, held=held, size=size, others=others)


def download_coverage() -> Response:
    """The table of services, for reuse."""
    at = datetime.now(UTC)
    coverage, held, _ = _count_shown_coverage(at)
    answer = Response(render_coverage_csv(coverage, held), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=couverture.csv"
    return cache_for_period(answer, at)
