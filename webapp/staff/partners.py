"""Partner sites as agents see them: what was counted of each in a month."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template

from domain.models.agent import Agent
from domain.partners.stats import count_by_partner
from webapp.core.context import open_db_session
from webapp.embed.partner_stats import get_month_navigation, read_month
from webapp.staff.auth import STAFF_PREFIX, require_reader

bp = Blueprint("staff_partners", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/partenaires")
@require_reader
def show_partners(agent: Agent) -> Response:
    """Every partner known, those that load the block most often first."""
    now = datetime.now(UTC)
    month = read_month(now)
    with open_db_session() as db:
        found = count_by_partner(db, month)
    return make_response(
        render_template("staff/partners.html", at=now, agent=agent, found=found, **get_month_navigation(month, now))
    )
