"""Serve the pages that the site owes its readers."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, abort

from domain.common.enums import CaseCause
from domain.common.paris_time import get_paris_date
from domain.reports.reports import MAX_MESSAGE_LENGTH, MAX_PER_HOUR, MAX_PER_HOUR_AND_FILM
from domain.review.sampling import ErrorRate, get_error_rates
from webapp.core import french
from webapp.core.context import open_db_session, render_page
from webapp.core.matcher_figures import REPORT_PATH, load_matcher_report
from webapp.public.about import facts
from webapp.public.about.contact import get_contact_link, render_security_txt
from webapp.public.about.site_map import build_robots_txt, list_sections

bp = Blueprint("about", __name__)


def _get_today() -> date:
    return get_paris_date(datetime.now(UTC))


def get_accessibility_level() -> str:
    """Return the word of the mention that every page carries: « totalement », « partiellement » or « non » conforme."""
    return facts.get_accessibility().get_compliance_level(_get_today())


def _render_about_page(template: str, **context: Any) -> Response:
    """Render a page whose text is French whatever the language of the frame: so are its figures and dates."""
    return render_page(
        f"public/about/{template}.html",
        datetime.now(UTC),
        french=french,
        operator=facts.get_operator(),
        contact=get_contact_link(),
        **context,
    )


@bp.get("/methode")
def show_method() -> Response:
    """Explain how catalogues are collected, linked and ordered, and how often links are wrong."""
    report = load_matcher_report()
    return _render_about_page(
        "method",
        audited=_sum_error_rates(CaseCause.AUDIT),
        unlinked=_sum_error_rates(CaseCause.SILENT),
        report=report,
        report_size=REPORT_PATH.stat().st_size if report else 0,
    )


def _sum_error_rates(cause: CaseCause) -> ErrorRate:
    with open_db_session() as db:
        return sum(get_error_rates(db, cause, datetime.now(UTC)).values(), ErrorRate())


@bp.get("/methode/rapport.txt")
def show_matcher_report() -> Response:
    """Send the report of the matcher's model, as it was written when the model was fitted."""
    if load_matcher_report() is None:
        abort(404)
    return Response(REPORT_PATH.read_text("utf-8"), content_type="text/plain; charset=utf-8")


@bp.get("/accessibilite")
def show_accessibility() -> Response:
    """Show the declaration of accessibility, computed from what audits found."""
    declaration = facts.get_accessibility()
    today = _get_today()
    return _render_about_page(
        "accessibility",
        declaration=declaration,
        audit=declaration.get_valid_audit(today),
        level=declaration.get_compliance_level(today),
    )


@bp.get("/ecoconception")
def show_ecodesign() -> Response:
    """Show what was done to weigh little, and what pages weigh."""
    return _render_about_page("ecodesign", pages=facts.get_ecodesign().screens)


@bp.get("/mentions-legales")
def show_legal_notice() -> Response:
    """Show who publishes the site and where it is hosted."""
    return _render_about_page("legal")


@bp.get("/donnees-personnelles")
def show_privacy() -> Response:
    """Show what is kept, of whom, for how long."""
    return _render_about_page(
        "privacy",
        max_message_length=MAX_MESSAGE_LENGTH,
        max_reports=MAX_PER_HOUR,
        max_reports_per_film=MAX_PER_HOUR_AND_FILM,
    )


@bp.get("/contact")
def show_contact() -> Response:
    """Show how to reach those who operate the site."""
    return _render_about_page("contact")


@bp.get("/plan-du-site")
def show_site_map() -> Response:
    """List every page that can be reached without knowing a film."""
    return _render_about_page("site_map", sections=list_sections())


@bp.get("/nouveautes-du-site")
def list_changes() -> Response:
    """List what changed for readers, the latest first."""
    return _render_about_page("changes", changes=facts.get_changes().changes)


@bp.get("/.well-known/security.txt")
def show_security_txt() -> Response:
    """Say whom to tell of a security flaw."""
    return render_security_txt()


@bp.get("/robots.txt")
def show_robots_txt() -> Response:
    """Say what robots need not read."""
    return Response(build_robots_txt(), mimetype="text/plain")
