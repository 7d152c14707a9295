"""Show agents the error rates measured by the weekly samples: published links, and entries left without a film."""

from datetime import UTC, datetime

from flask import Blueprint, Response
from sqlmodel import col, select

from domain.common.enums import CaseCause
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.review.sampling import ErrorRate, get_error_rates
from webapp.core.context import open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_reader
from webapp.staff.pages import render_staff_page

bp = Blueprint("staff_samples", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/controles")
@require_reader
def show_error_rates(agent: Agent) -> Response:
    """Show the error rate of each platform's links, and of its entries left without a film, over a year."""
    now = datetime.now(UTC)
    tables = []
    with open_db_session() as db:
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
        for cause in (CaseCause.AUDIT, CaseCause.SILENT):
            rates = get_error_rates(db, cause, now)
            rows = [(platform.name, rates[platform.id]) for platform in platforms if platform.id in rates]
            if rows:
                rows.insert(0, ("Tous les services", sum(rates.values(), ErrorRate())))
            tables.append((cause, rows))
    return render_staff_page("staff/samples.html", agent, {"tables": tables}, at=now)
