"""The addresses of the pages that the site owes its readers."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, abort

from domain.common.enums import CaseCause
from domain.common.paris_time import get_paris_date
from domain.reports.reports import MAX_MESSAGE_LENGTH, MAX_PER_HOUR, MAX_PER_HOUR_AND_FILM
from domain.review.sampling import ErrorRate, get_error_rates
from webapp.core import french
from webapp.core.context import open_db_session, render_page
from webapp.public.about import facts
from webapp.public.about.contact import get_contact_link, render_security_txt
from webapp.public.about.matcher_figures import REPORT_PATH, load_matcher_report
from webapp.public.about.site_map import build_robots_txt, list_sections

bp = Blueprint("about", __name__)


def _get_today() -> date:
    return get_paris_date(datetime.now(UTC))


def get_accessibility_level() -> str:
    """The word of the mention that every page carries: « totalement », « partiellement » or « non » conforme."""
    return facts.get_accessibility().get_compliance_level(_get_today())


def _render_about_page(template: str, **context: Any) -> Response:
    """A page whose text is French whatever the language of the frame: so are its figures and dates."""
    who = facts.get_operator()
    return render_page(
        f"public/about/{template}.html", datetime.now(UTC), french=french, operator=who, contact=get_contact_link(), **context
    )


@bp.get("/methode")
def show_method() -> Response:
    """How catalogues are collected, linked and ordered, and how often links are wrong."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        links, silent = (get_error_rates(db, cause, now).values() for cause in (CaseCause.AUDIT, CaseCause.SILENT))
    rates = {"links": sum(links, ErrorRate()), "silent": sum(silent, ErrorRate())}
    return _render_about_page(
        "method", measured=load_matcher_report(), size=REPORT_PATH.stat().st_size if load_matcher_report() else 0, **rates
    )


@bp.get("/methode/rapport.txt")
def show_matcher_report() -> Response:
    """The report of the matcher's model, as it was written when the model was fitted."""
    if load_matcher_report() is None:
        abort(404)
    return Response(REPORT_PATH.read_text("utf-8"), content_type="text/plain; charset=utf-8")


@bp.get("/accessibilite")
def show_accessibility() -> Response:
    """The declaration of accessibility, computed from what audits found."""
    known, today = facts.get_accessibility(), _get_today()
    return _render_about_page(
        "accessibility", known=known, audit=known.get_valid_audit(today), state=known.get_compliance_level(today)
    )


@bp.get("/ecoconception")
def show_ecodesign() -> Response:
    """What was done to weigh little, and what pages weigh."""
    return _render_about_page("ecodesign", screens=facts.get_ecodesign().screens)


@bp.get("/mentions-legales")
def show_legal_notice() -> Response:
    """Who publishes the site and where it is hosted."""
    return _render_about_page("legal")


@bp.get("/donnees-personnelles")
def show_privacy() -> Response:
    """What is kept, of whom, for how long."""
    return _render_about_page("privacy", longest=MAX_MESSAGE_LENGTH, most=MAX_PER_HOUR, most_of_a_film=MAX_PER_HOUR_AND_FILM)


@bp.get("/contact")
def show_contact() -> Response:
    """How to reach those who operate the site."""
    return _render_about_page("contact")


@bp.get("/plan-du-site")
def show_site_map() -> Response:
    """Every page that can be reached without knowing a film."""
    return _render_about_page("site_map", sections=list_sections())


@bp.get("/nouveautes-du-site")
def list_changes() -> Response:
    """What changed for readers, the latest first."""
    return _render_about_page("changes", changes=facts.get_changes().changes)


@bp.get("/.well-known/security.txt")
def show_security_txt() -> Response:
    """Whom to tell of a flaw."""
    return render_security_txt()


@bp.get("/robots.txt")
def show_robots_txt() -> Response:
    """What robots need not read."""
    return Response(build_robots_txt(), mimetype="text/plain")
