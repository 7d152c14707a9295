"""Offers seen before the chronologie des médias allows them, as agents see them."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template

from domain.models.agent import Agent
from domain.windows.anomalies import RECENT, early_offers
from webapp.core.context import session
from webapp.core.offer_labels import ACCESSES
from webapp.staff.auth import PATH, for_readers

pages = Blueprint("anomalies", __name__, url_prefix=PATH)


@pages.get("/anomalies")
@for_readers
def early(agent: Agent) -> Response:
    """The last films, services and accesses seen too early, with the link behind each."""
    now = datetime.now(UTC)
    with session() as db:
        found = early_offers(db, now)
    return make_response(
        render_template("staff/anomalies.html", at=now, agent=agent, found=found, months=RECENT, accesses=ACCESSES)
    )
