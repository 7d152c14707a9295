"""The addresses of the pages that the site owes its readers."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, abort

from domain.common.enums import CaseCause
from domain.common.paris_time import day_in_paris
from domain.reports.reports import LONGEST_MESSAGE, MOST_AN_HOUR, MOST_OF_A_FILM
from domain.review.sampling import ErrorRate, error_rates
from webapp.core import french
from webapp.core.context import page, session
from webapp.public.about import facts
from webapp.public.about.contact import contact_link, security_text
from webapp.public.about.matcher_figures import REPORT, measured
from webapp.public.about.site_map import robots_text, sections

pages = Blueprint("about", __name__)


def _today() -> date:
    return day_in_paris(datetime.now(UTC))


def accessibility_state() -> str:
    """The word of the mention that every page carries: « totalement », « partiellement » or « non » conforme."""
    return facts.accessibility().state(_today())


def _page(template: str, **told: Any) -> Response:
    """A page whose text is French whatever the language of the frame: so are its figures and dates."""
    who = facts.operator()
    return page(f"public/about/{template}.html", datetime.now(UTC), french=french, operator=who, contact=contact_link(), **told)


@pages.get("/methode")
def method() -> Response:
    """How catalogues are collected, linked and ordered, and how often links are wrong."""
    now = datetime.now(UTC)
    with session() as db:
        links, silent = (error_rates(db, cause, now).values() for cause in (CaseCause.AUDIT, CaseCause.SILENT))
    rates = {"links": sum(links, ErrorRate()), "silent": sum(silent, ErrorRate())}
    return _page("method", measured=measured(), size=REPORT.stat().st_size if measured() else 0, **rates)


@pages.get("/methode/rapport.txt")
def report() -> Response:
    """The report of the matcher's model, as it was written when the model was fitted."""
    if measured() is None:
        abort(404)
    return Response(REPORT.read_text("utf-8"), content_type="text/plain; charset=utf-8")


@pages.get("/accessibilite")
def accessibility() -> Response:
    """The declaration of accessibility, computed from what audits found."""
    known, today = facts.accessibility(), _today()
    return _page("accessibility", known=known, audit=known.valid_audit(today), state=known.state(today))


@pages.get("/ecoconception")
def ecodesign() -> Response:
    """What was done to weigh little, and what pages weigh."""
    return _page("ecodesign", screens=facts.ecodesign().screens)


@pages.get("/mentions-legales")
def legal() -> Response:
    """Who publishes the site and where it is hosted."""
    return _page("legal")


@pages.get("/donnees-personnelles")
def privacy() -> Response:
    """What is kept, of whom, for how long."""
    return _page("privacy", longest=LONGEST_MESSAGE, most=MOST_AN_HOUR, most_of_a_film=MOST_OF_A_FILM)


@pages.get("/contact")
def contact() -> Response:
    """How to reach those who operate the site."""
    return _page("contact")


@pages.get("/plan-du-site")
def site_map() -> Response:
    """Every page that can be reached without knowing a film."""
    return _page("site_map", sections=sections())


@pages.get("/nouveautes-du-site")
def changes() -> Response:
    """What changed for readers, the latest first."""
    return _page("changes", changes=facts.changes().changes)


@pages.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a flaw."""
    return security_text()


@pages.get("/robots.txt")
def robots() -> Response:
    """What robots need not read."""
    return Response(robots_text(), mimetype="text/plain")
