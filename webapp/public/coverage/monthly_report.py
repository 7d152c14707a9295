"""Show the whole set of tables for a month, as one document to be printed."""

from datetime import UTC, datetime

from flask import Response, request

from webapp.core.context import open_db_session, render_page
from webapp.public.coverage.cells import build_bars, build_corrections_table, format_cell, format_changes
from webapp.public.coverage.counting_slot import reserve_counting_slot
from webapp.public.coverage.params import parse_month_query
from webapp.public.coverage.shown_table import count_all_shown_tables
from webapp.public.coverage.tables import ROWS_PER_PAGE, describe_table


def show_monthly_report() -> Response:
    """Show every table as of the last day of a month (`mois=AAAA-MM`), fifty rows of each."""
    with reserve_counting_slot(), open_db_session() as db:
        query = parse_month_query(db, request.args)
        shown_tables = count_all_shown_tables(db, query)
    first = shown_tables[0]
    return render_page(
        "public/coverage/monthly_report.html",
        datetime.now(UTC),
        query=query,
        shown_tables=shown_tables,
        max_rows=ROWS_PER_PAGE,
        changes=format_changes(first.later_changes, first.changed_film_count),
        corrections=build_corrections_table(first.later_changes),
        format_cell=format_cell,
        build_bars=build_bars,
        describe_table=describe_table,
    )
