"""The whole set of tables for a month, as one document to be printed."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from webapp.core.context import page, session
from webapp.public.coverage.cells import bars, cell_text, changes, corrections
from webapp.public.coverage.params import read_month
from webapp.public.coverage.semaphore import in_turn
from webapp.public.coverage.summary import pages
from webapp.public.coverage.tables import ROWS, about, show_all


@pages.get("/couverture/rapport")
def monthly() -> Response:
    """Every table as of the last day of a month (`mois=AAAA-MM`), fifty lines of each."""
    with in_turn(), session() as db:
        asked = read_month(db, request.args)
        shown = show_all(db, asked)
    facts: dict[str, Any] = {"asked": asked, "shown": shown, "most": ROWS, "cell": cell_text, "bars": bars, "about": about}
    first = shown[0]
    facts |= {"changes": changes(first.since, first.films_changed), "corrections": corrections(first.since)}
    return page("public/coverage/monthly_report.html", datetime.now(UTC), **facts)
