"""The feeds: of a film, a service, a director, and of the lists that move. Each entry is told as at the moment of its fact."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Response, abort, redirect, request, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from domain.models.film import Film, FilmDirector
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.arrivals import UNKNOWN
from domain.offers.availability import is_shown
from domain.offers.events import Event, film_events
from webapp.core.context import FILM_ID, session
from webapp.core.film_redirect import film_here
from webapp.core.french import typeset
from webapp.core.i18n import gettext
from webapp.core.memo import kept, pages
from webapp.core.my_services import PARAMETER, read_services
from webapp.core.offer_labels import ACCESSES
from webapp.core.service_register import why_absent
from webapp.public.browse import listings
from webapp.public.browse.atom import MOST, Feed, FeedEntry, answer
from webapp.public.browse.cards import read_platforms, tell_move
from webapp.public.browse.directors import names_of
from webapp.public.browse.listings import Line, Tone, narrowed
from webapp.public.browse.services import find_service, lists_of

_DIRECTED = 1000


@pages.get("/nouveautes/atom.xml")
def new_feed() -> Response:
    """What began in seven days."""
    return _list_feed("new", "nouveautes", gettext("Nouveautés de la semaine"), listings.news)


@pages.get("/derniers-jours/atom.xml")
def leaving_feed() -> Response:
    """What will end within fourteen days: a fact from the day it is so near."""
    return _list_feed("leaving", "derniers-jours", gettext("Derniers jours"), listings.leaving)


@pages.get("/gratuit/atom.xml")
def free_feed() -> Response:
    """What became free in thirty days."""
    return _list_feed("free", "gratuit", gettext("Gratuit en ce moment"), listings.newly_free, "newly_free")


@pages.get("/patrimoine/atom.xml")
def heritage_feed() -> Response:
    """Films over ten years old that came back in thirty days."""
    return _list_feed("heritage", "patrimoine", gettext("Films de patrimoine de nouveau visibles"), listings.heritage)


@pages.get("/services/<slug>/atom.xml")
def service_feed(slug: str) -> Response:
    """What came to a service, and left it, in thirty days."""
    at = datetime.now(UTC)
    with session() as db:
        platform = find_service(db, slug)
        if why_absent(platform):
            abort(404)
        found = lists_of(db, platform, at)
        entries = line_entries(db, [*found.entries, *found.exits])
        run = db.get(Run, platform.current_run_id)
    page = url_for(".service", slug=slug, _external=True)
    return answer(Feed(f"services/{slug}", typeset(platform.name), page, entries, at, run.started if run else UNKNOWN))


@pages.get("/realisations/<slug>/atom.xml")
def director_feed(slug: str) -> Response:
    """What came and went of a director's films."""
    at = datetime.now(UTC)
    with session() as db:
        names = names_of(db, slug)
        films = list(db.exec(select(FilmDirector.film_id).where(FilmDirector.key == slug).limit(_DIRECTED)))
        entries, otherwise = event_entries(db, film_events(db, films, at)[:MOST]), newest_run(db)
    page = url_for(".director", slug=slug, _external=True)
    return answer(Feed(f"realisations/{slug}", ", ".join(names), page, entries, at, otherwise))


@pages.get(f"/films/<{FILM_ID}:film_id>/atom.xml")
@pages.get(f"/films/<{FILM_ID}:film_id>-<slug>/atom.xml")
def film_feed(film_id: int, slug: str = "") -> AnyResponse:
    """What came and went of a film."""
    at = datetime.now(UTC)
    if slug:
        return redirect(url_for(".film_feed", film_id=film_id), 301)
    with session() as db:
        film = film_here(db, film_id)
        entries = event_entries(db, film_events(db, [film_id], at)[:MOST])
    page = url_for("films.film", film_id=film_id, slug=film.slug, _external=True)
    return answer(Feed(f"films/{film_id}", _title(film), page, entries, at, film.updated))


def _list_feed(
    endpoint: str, name: str, title: str, make: Callable[[Session, datetime], list[Line]], as_kept: str | None = None
) -> Response:
    at = datetime.now(UTC)
    with session() as db:
        mine = read_services(db, request.args.getlist(PARAMETER))
        entries = line_entries(db, narrowed(kept(db, as_kept or endpoint, at, make), mine.platform_ids))
        otherwise = newest_run(db)
    page = url_for(f".{endpoint}", _external=True, **mine.kept)
    key = "/".join([name, *mine.slugs])
    return answer(Feed(key, f"OùVoir – {title}", page, entries, at, otherwise))


def line_entries(db: Session, found: Iterable[Line]) -> list[FeedEntry]:
    """The fifty latest facts among the lines of a list."""
    dated = sorted(((_fact(line), line) for line in found if line.moment), key=lambda told: told[0], reverse=True)[:MOST]
    services, films = read_platforms(db), _films(db, (line.film_id for _, line in dated))
    return [
        FeedEntry(
            f"{line.film_id}/{line.day}/{(line.tone or Tone.CAME).name.lower()}",
            _title(films[line.film_id]),
            moment,
            _address(films[line.film_id]),
            tell_move(line, services, moment) or "",
        )
        for moment, line in dated
    ]


def event_entries(db: Session, events: Iterable[Event]) -> list[FeedEntry]:
    """One entry for each time that a film came to a service or left it."""
    found = list(events)
    services, films = read_platforms(db), _films(db, (event.film_id for event in found))
    return [
        FeedEntry(
            f"{event.film_id}/{services[event.platform_id].slug}/{event.access}/{event.moment:%Y%m%dT%H%M%S}/{event.opened:d}",
            _title(films[event.film_id]),
            event.moment,
            _address(films[event.film_id]),
            _tell_event(event, services[event.platform_id]),
        )
        for event in found
    ]


def newest_run(db: Session) -> datetime:
    """When the last collection shown began; long ago when there is none."""
    run = col(Platform.current_run_id) == col(Run.id)
    return db.exec(select(func.max(col(Run.started))).select_from(Platform).join(Run, run).where(is_shown())).one() or UNKNOWN


def _tell_event(event: Event, service: Platform) -> str:
    if event.seen_first:
        sentence = gettext("Vu pour la première fois sur %(service)s : %(access)s")
    else:
        opened, closed = gettext("Arrivé sur %(service)s : %(access)s"), gettext("Parti de %(service)s : %(access)s")
        sentence = opened if event.opened else closed
    return sentence % {"service": service.name, "access": gettext(ACCESSES[event.access]).lower()}


def _fact(line: Line) -> datetime:
    """When the line became true: for what will end, when its end was so near."""
    assert line.moment is not None
    return line.moment - listings.FORTNIGHT if line.tone in (Tone.LAST, Tone.STAYS) else line.moment


def _films(db: Session, film_ids: Iterable[int]) -> dict[int, Film]:
    return {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(set(film_ids))))}


def _title(film: Film) -> str:
    return typeset(film.title) + (f" ({film.year})" if film.year else "")


def _address(film: Film) -> str:
    return url_for("films.film", film_id=film.id, slug=film.slug, _external=True)
