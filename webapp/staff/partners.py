"""Show agents what was counted of each partner site in a month."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from domain.models.agent import Agent
from domain.partners.stats import count_by_partner
from webapp.core.context import open_db_session
from webapp.core.months import get_month_navigation, parse_month
from webapp.staff.auth import STAFF_PREFIX, require_reader
from webapp.staff.pages import render_staff_page

bp = Blueprint("staff_partners", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/partenaires")
@require_reader
def show_partners(agent: Agent) -> Response:
    """List every known partner, those that load the widget most often first."""
    now = datetime.now(UTC)
    month = parse_month(now)
    with open_db_session() as db:
        counts = count_by_partner(db, month)
    context = {"counts": counts, **get_month_navigation(month, now)}
    return render_staff_page("staff/partners.html", agent, context, at=now)
