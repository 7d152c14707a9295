"""The whole set of tables for a month, as one document to be printed."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from webapp.core.context import open_db_session, render_page
from webapp.public.coverage.cells import build_bars, build_corrections_table, format_cell, format_changes
from webapp.public.coverage.counting_slot import reserve_counting_slot
from webapp.public.coverage.params import parse_month_query
from webapp.public.coverage.tables import ROWS_PER_PAGE, count_all_shown_tables, describe_table


def show_monthly_report() -> Response:
    """Every table as of the last day of a month (`mois=AAAA-MM`), fifty lines of each."""
    with reserve_counting_slot(), open_db_session() as db:
        asked = parse_month_query(db, request.args)
        shown = count_all_shown_tables(db, asked)
    facts: dict[str, Any] = {
        "asked": asked,
        "shown": shown,
        "most": ROWS_PER_PAGE,
        "cell": format_cell,
        "bars": build_bars,
        "about": describe_table,
    }
    first = shown[0]
    facts |= {
        "changes": format_changes(first.later_changes, first.changed_film_count),
        "corrections": build_corrections_table(first.later_changes),
    }
    return render_page("public/coverage/monthly_report.html", datetime.now(UTC), **facts)
