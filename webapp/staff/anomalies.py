"""Show agents the offers seen before the chronologie des médias allows them."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from domain.linking.authors import format_author, get_agent_logins
from domain.models.agent import Agent
from domain.windows.anomalies import RECENT_MONTHS, list_early_offers
from matcher.explanations import explain_decision
from webapp.core.context import open_db_session
from webapp.core.offer_labels import ACCESS_LABELS
from webapp.staff.auth import STAFF_PREFIX, require_reader
from webapp.staff.pages import render_staff_page

bp = Blueprint("anomalies", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/anomalies")
@require_reader
def list_anomalies(agent: Agent) -> Response:
    """List the last films, services and accesses seen too early, with the link behind each."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        early_offers = list_early_offers(db, now)
        logins = get_agent_logins(db)
    context = {
        "early_offers": early_offers,
        "months": RECENT_MONTHS,
        "accesses": ACCESS_LABELS,
        "explain_decision": explain_decision,
        "format_author": format_author,
        "logins": logins,
    }
    return render_staff_page("staff/anomalies.html", agent, context, at=now)
