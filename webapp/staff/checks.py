"""What the weekly checks say, as agents see it: links published, and entries left without a film."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template
from sqlmodel import col, select

from records.audits import ErrorRate, error_rates
from records.catalogue import Platform
from records.desk import Agent
from records.vocabulary import CaseCause
from webapp.context import session
from webapp.staff.door import PATH, for_readers

pages = Blueprint("checks", __name__, url_prefix=PATH)


@pages.get("/controles")
@for_readers
def report(agent: Agent) -> Response:
    """The error rate of each platform's links, and of its entries left without a film, over a year."""
    now = datetime.now(UTC)
    with session() as db:
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
        found = {cause: error_rates(db, cause, now) for cause in (CaseCause.AUDIT, CaseCause.SILENT)}
    tables = []
    for cause, rates in found.items():
        rows = [(platform.name, rates[platform.id]) for platform in platforms if platform.id in rates]
        everywhere = ("Tous les services", sum(rates.values(), ErrorRate()))
        tables.append((cause, [everywhere, *rows] if rows else []))
    return make_response(render_template("staff/checks.html", at=now, agent=agent, tables=tables))
