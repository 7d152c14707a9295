"""Show the chronologie des médias: its rules one by one, and the windows of a film as a calendar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, Response, abort, url_for
from icalendar import Calendar, Event, vText
from sqlmodel import select

from domain.common.paris_time import get_paris_date
from domain.common.text import clean_text
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.availability import available_offers
from domain.windows.absence import Window
from domain.windows.rules import OTHER_SERVICES, Derogation, WindowRule, get_service_names, get_window_rules
from webapp.core.absence_labels import Absence, explain_absence, format_rule
from webapp.core.context import FILM_ID_CONVERTER, open_db_session, render_page
from webapp.core.film_redirect import get_film_or_404
from webapp.core.formatting import format_count, typeset
from webapp.core.i18n import get_language, gettext

bp = Blueprint("windows", __name__)
_ONE_HOUR_CACHE = "public, max-age=3600"


@dataclass(frozen=True)
class RuleRow:
    """Represent a rule, the names of the services it concerns, and by how much a derogation shortens it, empty if none does."""

    rule: WindowRule
    services: str
    shortened_by: str


@bp.get("/fenetres")
def list_rules() -> Response:
    """List every rule, those in force first, with its dates, its source and its doubt."""
    at = datetime.now(UTC)
    day = get_paris_date(at)
    with open_db_session() as db:
        service_names = get_service_names() | dict(db.exec(select(Platform.slug, Platform.name)).all())
    current_rules: list[RuleRow] = []
    other_rules: list[RuleRow] = []
    for rule in get_window_rules():
        rows = current_rules if rule.is_in_force_on(day) else other_rules
        rows.append(RuleRow(rule, _format_services(rule, service_names), _format_derogation(rule.derogation)))
    return render_page("public/windows/rules.html", at, current_rules=current_rules, other_rules=other_rules)


def _format_services(rule: WindowRule, names: Mapping[str, str]) -> str:
    """Return « Prime Video, HBO Max, tout autre service »."""
    slugs = dict.fromkeys(slug for concern in rule.concerns for slug in concern.services)
    other_services = gettext("tout autre service") if len(slugs) > 1 else gettext("tous les services")
    return ", ".join(other_services if slug == OTHER_SERVICES else names[slug] for slug in slugs)


def _format_derogation(derogation: Derogation | None) -> str:
    if derogation is None:
        return ""
    if derogation.days:
        return format_count(derogation.days, "jour")
    return format_count(derogation.months, "mois", "mois")


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/fenetres.ics")
def download_calendar(film_id: int) -> Response:
    """Send the windows of a film that are still to open, a whole day each; 404 when there is none."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        absence = explain_absence(film, available_offers(db, film_id, at), at)
    if not absence.upcoming:
        abort(404)
    calendar = _build_calendar(film, absence)
    response = Response(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = _ONE_HOUR_CACHE
    response.headers["Content-Disposition"] = f'attachment; filename="fenetres-{film.id}.ics"'
    return response


def _build_calendar(film: Film, absence: Absence) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//OùVoir//{get_language().upper()}")
    calendar.add("version", "2.0")
    name = gettext("%(title)s : fenêtres à venir") % {"title": clean_text(film.title)}
    calendar.add("x-wr-calname", vText(typeset(name)))
    for event in _build_events(film, absence):
        calendar.add_component(event)
    return calendar


def _build_events(film: Film, absence: Absence) -> Iterator[Event]:
    windows: Iterable[Window] = (window for upcoming in absence.upcoming for window in upcoming.windows)
    for window in windows:
        yield from _build_window_events(film, window, absence.day)


def _build_window_events(film: Film, window: Window, day: date) -> Iterator[Event]:
    """Yield the opening, and before it the day a derogation could bring it forward to, marked as tentative."""
    params = {"exploitation": format_rule(window.rule), "title": clean_text(film.title)}
    uid = f"film-{film.id}-{window.rule.id.lower()}"
    if window.may_open_on and window.may_open_on > day:
        event = _build_event(film, window.may_open_on, f"{uid}-derogation")
        event.add("summary", typeset(gettext("%(exploitation)s : ouverture possible par dérogation pour %(title)s") % params))
        event.add("status", "TENTATIVE")
        yield event
    if window.opens_on:
        event = _build_event(film, window.opens_on, uid)
        event.add("summary", typeset(gettext("%(exploitation)s : la fenêtre s’ouvre pour %(title)s") % params))
        yield event


def _build_event(film: Film, day: date, uid: str) -> Event:
    event = Event()
    event.add("uid", f"{uid}@ouvoir")
    event.add("dtstamp", film.updated_at)
    event.add("dtstart", day)
    event.add("transp", "TRANSPARENT")
    event.add("description", gettext("Première date que permet la chronologie des médias ; elle ne promet pas une offre."))
    event.add("url", url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True))
    return event
