"""Partner sites as agents see them: what was counted of each in a month."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template

from records.desk import Agent
from records.partner_figures import by_partner
from webapp.context import session
from webapp.staff.door import PATH, for_readers
from webapp.widget.partners import months, read_month

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
