"""Partner sites as agents see them: what was counted of each in a month."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template

from domain.models.agent import Agent
from domain.partners.stats import by_partner
from webapp.core.context import session
from webapp.embed.partner_stats import months, read_month
from webapp.staff.auth import PATH, for_readers

pages = Blueprint("staff_partners", __name__, url_prefix=PATH)


@pages.get("/partenaires")
@for_readers
def counted(agent: Agent) -> Response:
    """Every partner known, those that load the block most often first."""
    now = datetime.now(UTC)
    month = read_month(now)
    with session() as db:
        found = by_partner(db, month)
    return make_response(render_template("staff/partners.html", at=now, agent=agent, found=found, **months(month, now)))
