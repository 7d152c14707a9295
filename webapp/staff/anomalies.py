"""Offers seen before the chronologie des médias allows them, as agents see them."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template

from domain.models.agent import Agent
from domain.windows.anomalies import RECENT_MONTHS, list_early_offers
from webapp.core.context import open_db_session
from webapp.core.offer_labels import ACCESS_LABELS
from webapp.staff.auth import STAFF_PREFIX, require_reader

bp = Blueprint("anomalies", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/anomalies")
@require_reader
def list_anomalies(agent: Agent) -> Response:
    """The last films, services and accesses seen too early, with the link behind each."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        found = list_early_offers(db, now)
    return make_response(
        render_template("staff/anomalies.html", at=now, agent=agent, found=found, months=RECENT_MONTHS, accesses=ACCESS_LABELS)
    )
