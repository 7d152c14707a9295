"""Show the public how many films are known, and how each service's entries are linked."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Response
from sqlmodel import Session, col, func, select

from domain.common.enums import RunState
from domain.coverage.summary import Coverage, PlatformCoverage, count_coverage
from domain.models.platform import Platform
from domain.models.run import Run
from domain.review.sampling import ErrorRate
from webapp.core.context import cache_for_period, format_iso, open_db_session, render_page

_CSV_COLUMNS = (
    *("counted_at", "platform", "platform_name", "run", "collected_at", "rows_received", "rows_kept"),
    *("rows_linked", "rows_doubtful", "rows_unlinked", "films_available", "held_run", "held_at"),
    *("links_checked", "links_wrong", "links_undecided", "error_rate", "error_low", "error_high"),
)


@dataclass(frozen=True)
class ShownCoverage:
    """Hold the counts of the services collected once at least, their held runs by slug, and how many others the register has."""

    coverage: Coverage
    held_runs: dict[str, Run]
    uncollected_count: int


def get_held_runs(db: Session, coverage: Coverage) -> dict[str, Run]:
    """Return by platform slug the last run held, where it is later than the one shown."""
    newest_ids = select(func.max(Run.id)).where(col(Run.state) == RunState.HELD).group_by(col(Run.platform_id))
    runs = {run.platform_id: run for run in db.exec(select(Run).where(col(Run.id).in_(newest_ids)))}
    held_runs = {}
    for row in coverage.platforms:
        held_run = runs.get(_get_id(row.platform))
        if held_run and (row.run is None or held_run.started_at > row.run.started_at):
            held_runs[row.platform.slug] = held_run
    return held_runs


def _get_id(platform: Platform) -> int:
    assert platform.id is not None
    return platform.id


def keep_collected_platforms(coverage: Coverage, held_runs: dict[str, Run]) -> Coverage:
    """Return the same counts for the services that have been collected once at least, be it in vain."""
    return replace(coverage, platforms=[row for row in coverage.platforms if row.run or row.platform.slug in held_runs])


def render_coverage_csv(coverage: Coverage, held_runs: dict[str, Run]) -> str:
    """Return one row a platform: UTF-8, commas, ISO 8601 moments in UTC, empty where unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_CSV_COLUMNS)
    for row in coverage.platforms:
        writer.writerow(_build_csv_row(row, held_runs.get(row.platform.slug), coverage.as_of))
    return text.getvalue()


def _build_csv_row(row: PlatformCoverage, held_run: Run | None, at: datetime) -> tuple[object, ...]:
    return (
        format_iso(at),
        row.platform.slug,
        row.platform.name,
        *_format_run_cells(row.run),
        row.received_rows,
        row.accepted_rows,
        row.linked,
        row.doubtful,
        row.unlinked,
        row.films,
        *_format_run_cells(held_run),
        *_format_check_cells(row.checks),
    )


def _format_check_cells(checks: ErrorRate) -> tuple[object, ...]:
    """Return the counts of links checked, and their rates from 0 to 1; rates are empty where nothing was checked."""
    if checks.rate is None:
        return checks.checked, checks.wrong, checks.unsure, "", "", ""
    low, high = checks.interval
    return checks.checked, checks.wrong, checks.unsure, f"{checks.rate:.4f}", f"{low:.4f}", f"{high:.4f}"


def _format_run_cells(run: Run | None) -> tuple[int | None, str | None]:
    return (run.id, format_iso(run.started_at)) if run else (None, None)


def _count_shown_coverage(at: datetime) -> ShownCoverage:
    with open_db_session() as db:
        coverage = count_coverage(db, at)
        held_runs = get_held_runs(db, coverage)
    collected = keep_collected_platforms(coverage, held_runs)
    return ShownCoverage(collected, held_runs, len(coverage.platforms) - len(collected.platforms))


def show_coverage() -> Response:
    """Show the counts, with their moment and their method."""
    at = datetime.now(UTC)
    shown_coverage = _count_shown_coverage(at)
    return render_page(
        "public/coverage/report.html",
        at,
        coverage=shown_coverage.coverage,
        held_runs=shown_coverage.held_runs,
        uncollected_count=shown_coverage.uncollected_count,
        csv_size=len(render_coverage_csv(shown_coverage.coverage, shown_coverage.held_runs).encode()),
    )


def download_coverage() -> Response:
    """Send the table of services as a CSV, for reuse."""
    at = datetime.now(UTC)
    shown_coverage = _count_shown_coverage(at)
    response = Response(render_coverage_csv(shown_coverage.coverage, shown_coverage.held_runs), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=couverture.csv"
    return cache_for_period(response, at)
