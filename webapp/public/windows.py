"""The chronologie des médias for everybody: its rules one by one, and the windows of a film as a calendar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, Response, abort, url_for
from icalendar import Calendar, Event, vText
from sqlmodel import select

from domain.common.paris_time import day_in_paris
from domain.common.text import clean
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.availability import available_offers
from domain.windows.absence import Window
from domain.windows.rules import OTHERS, Derogation, Rule, service_names, windows
from webapp.core.absence_labels import absence_told, rule_words
from webapp.core.context import FILM_ID, page, session
from webapp.core.film_redirect import film_here
from webapp.core.formatting import count, typeset
from webapp.core.i18n import gettext, language

pages = Blueprint("windows", __name__)
_AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True)
class Told:
    """A rule, the services it concerns in words (nothing when none is known), and how much a derogation shortens it."""

    rule: Rule
    services: str
    shorter: str


@pages.get("/fenetres")
def rules() -> Response:
    """Every rule, those in force first, with its dates, its source and its doubt."""
    at = datetime.now(UTC)
    day = day_in_paris(at)
    with session() as db:
        names = service_names() | dict(db.exec(select(Platform.slug, Platform.name)).all())
    tables = [_told((rule for rule in windows() if rule.holds_on(day) is current), names) for current in (True, False)]
    return page("public/windows/rules.html", at, current=tables[0], others=tables[1])


def _told(rules: Iterable[Rule], names: Mapping[str, str]) -> list[Told]:
    return [Told(rule, _services(rule, names), _shorter(rule.derogation)) for rule in rules]


def _services(rule: Rule, names: Mapping[str, str]) -> str:
    """« Prime Video, HBO Max, tout autre service »."""
    slugs = dict.fromkeys(slug for concern in rule.concerns for slug in concern.services)
    everyone = gettext("tout autre service") if len(slugs) > 1 else gettext("tous les services")
    return ", ".join(everyone if slug == OTHERS else names[slug] for slug in slugs)


def _shorter(derogation: Derogation | None) -> str:
    if derogation is None:
        return ""
    return count(derogation.days, "jour") if derogation.days else count(derogation.months, "mois", "mois")


@pages.get(f"/films/<{FILM_ID}:film_id>/fenetres.ics")
def calendar(film_id: int) -> Response:
    """The windows of a film that are still to open, a whole day each; 404 when there is none."""
    at = datetime.now(UTC)
    with session() as db:
        film = film_here(db, film_id)
        told = absence_told(film, available_offers(db, film_id, at), at)
    if told is None or not told.coming:
        abort(404)
    made = Calendar()
    made.add("prodid", f"-//OùVoir//{language().upper()}")
    made.add("version", "2.0")
    made.add("x-wr-calname", vText(typeset(gettext("%(title)s : fenêtres à venir") % {"title": clean(film.title)})))
    for window in (window for coming in told.coming for window in coming.windows):
        for event in _events(film, window, told.day):
            made.add_component(event)
    return _sent(made, f"fenetres-{film.id}.ics")


def _sent(made: Calendar, name: str) -> Response:
    response = Response(made.to_ical(), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = _AN_HOUR
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _events(film: Film, window: Window, day: date) -> Iterator[Event]:
    """The opening, and before it the day a derogation could bring it forward to, marked as possible."""
    told = {"exploitation": rule_words(window.rule), "title": clean(film.title)}
    mark = f"film-{film.id}-{window.rule.id.lower()}"
    if window.may_open and window.may_open > day:
        event = _event(film, window.may_open, f"{mark}-derogation")
        event.add("summary", typeset(gettext("%(exploitation)s : ouverture possible par dérogation pour %(title)s") % told))
        event.add("status", "TENTATIVE")
        yield event
    if window.opens:
        event = _event(film, window.opens, mark)
        event.add("summary", typeset(gettext("%(exploitation)s : la fenêtre s’ouvre pour %(title)s") % told))
        yield event


def _event(film: Film, day: date, mark: str) -> Event:
    event = Event()
    event.add("uid", f"{mark}@ouvoir")
    event.add("dtstamp", film.updated)
    event.add("dtstart", day)
    event.add("transp", "TRANSPARENT")
    event.add("description", gettext("Première date que permet la chronologie des médias ; elle ne promet pas une offre."))
    event.add("url", url_for("films.film", film_id=film.id, slug=film.slug, _external=True))
    return event
