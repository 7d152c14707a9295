"""What the weekly checks say, as agents see it: links published, and entries left without a film."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template
from sqlmodel import col, select

from domain.common.enums import CaseCause
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.review.sampling import ErrorRate, get_error_rates
from webapp.core.context import open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_reader

bp = Blueprint("checks", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/controles")
@require_reader
def show_checks(agent: Agent) -> Response:
    """The error rate of each platform's links, and of its entries left without a film, over a year."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
        found = {cause: get_error_rates(db, cause, now) for cause in (CaseCause.AUDIT, CaseCause.SILENT)}
    tables = []
    for cause, rates in found.items():
        rows = [(platform.name, rates[platform.id]) for platform in platforms if platform.id in rates]
        everywhere = ("Tous les services", sum(rates.values(), ErrorRate()))
        tables.append((cause, [everywhere, *rows] if rows else []))
    return make_response(render_template("staff/samples.html", at=now, agent=agent, tables=tables))
