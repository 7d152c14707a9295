"""The feeds: of a film, a service, a director, and of the lists that move. Each entry is told as at the moment of its fact."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Response, abort, redirect, request, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from domain.models.film import Film, FilmDirector
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.arrivals import UNKNOWN_START, FilmEvent, list_film_events
from domain.offers.availability import is_shown
from search.filters import SERVICES_PARAM
from webapp.core.context import open_db_session
from webapp.core.film_redirect import get_film_or_404
from webapp.core.french import typeset
from webapp.core.i18n import gettext
from webapp.core.memo import get_cached
from webapp.core.my_services import parse_services
from webapp.core.offer_labels import ACCESS_LABELS
from webapp.core.service_register import get_absence_reason, get_service_or_404
from webapp.public.browse import listings
from webapp.public.browse.atom import MAX_ENTRIES, Feed, FeedEntry, render_feed
from webapp.public.browse.cards import format_move, load_platforms
from webapp.public.browse.directors import list_director_names
from webapp.public.browse.listings import FilmLine, MoveKind, filter_by_services
from webapp.public.browse.services import load_service_lists

_MAX_DIRECTOR_FILMS = 1000


def show_new_feed() -> Response:
    """What began in seven days."""
    return _render_list_feed("new", "nouveautes", gettext("Nouveautés de la semaine"), listings.find_new_films)


def show_leaving_feed() -> Response:
    """What will end within fourteen days: a fact from the day it is so near."""
    return _render_list_feed("leaving", "derniers-jours", gettext("Derniers jours"), listings.find_leaving_films)


def show_free_feed() -> Response:
    """What became free in thirty days."""
    return _render_list_feed("free", "gratuit", gettext("Gratuit en ce moment"), listings.find_newly_free_films, "newly_free")


def show_heritage_feed() -> Response:
    """Films over ten years old that came back in thirty days."""
    return _render_list_feed(
        "heritage", "patrimoine", gettext("Films de patrimoine de nouveau visibles"), listings.find_heritage_films
    )


def show_service_feed(slug: str) -> Response:
    """What came to a service, and left it, in thirty days."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        if get_absence_reason(platform):
            abort(404)
        found = load_service_lists(db, platform, at)
        entries = build_line_entries(db, [*found.arrived, *found.departed])
        run = db.get(Run, platform.current_run_id)
    page = url_for(".show_service", slug=slug, _external=True)
    return render_feed(
        Feed(f"services/{slug}", typeset(platform.name), page, entries, at, run.started_at if run else UNKNOWN_START)
    )


def show_director_feed(slug: str) -> Response:
    """What came and went of a director's films."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        names = list_director_names(db, slug)
        films = list(db.exec(select(FilmDirector.film_id).where(FilmDirector.key == slug).limit(_MAX_DIRECTOR_FILMS)))
        entries, otherwise = build_event_entries(db, list_film_events(db, films, at)[:MAX_ENTRIES]), get_newest_run_time(db)
    page = url_for(".show_director", slug=slug, _external=True)
    return render_feed(Feed(f"realisations/{slug}", ", ".join(names), page, entries, at, otherwise))


def show_film_feed(film_id: int, slug: str = "") -> AnyResponse:
    """What came and went of a film."""
    at = datetime.now(UTC)
    if slug:
        return redirect(url_for(".show_film_feed", film_id=film_id), 301)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        entries = build_event_entries(db, list_film_events(db, [film_id], at)[:MAX_ENTRIES])
    page = url_for("films.show_film", film_id=film_id, slug=film.slug, _external=True)
    return render_feed(Feed(f"films/{film_id}", _format_title(film), page, entries, at, film.updated_at))


def _render_list_feed(
    listing: str, name: str, title: str, find_lines: Callable[[Session, datetime], list[FilmLine]], cache_name: str | None = None
) -> Response:
    at = datetime.now(UTC)
    with open_db_session() as db:
        mine = parse_services(db, request.args.getlist(SERVICES_PARAM))
        entries = build_line_entries(
            db, filter_by_services(get_cached(db, cache_name or listing, at, find_lines), mine.platform_ids)
        )
        otherwise = get_newest_run_time(db)
    page = url_for(f".list_{listing}", _external=True, **mine.query_params)
    key = "/".join([name, *mine.slugs])
    return render_feed(Feed(key, f"OùVoir – {title}", page, entries, at, otherwise))


def build_line_entries(db: Session, found: Iterable[FilmLine]) -> list[FeedEntry]:
    """The fifty latest facts among the lines of a list."""
    dated = sorted(((_get_fact_time(line), line) for line in found if line.moved_at), key=lambda told: told[0], reverse=True)[
        :MAX_ENTRIES
    ]
    services, films = load_platforms(db), _load_films(db, (line.film_id for _, line in dated))
    return [
        FeedEntry(
            f"{line.film_id}/{line.day}/{(line.move_kind or MoveKind.CAME).name.lower()}",
            _format_title(films[line.film_id]),
            moment,
            _get_film_url(films[line.film_id]),
            format_move(line, services, moment) or "",
        )
        for moment, line in dated
    ]


def build_event_entries(db: Session, events: Iterable[FilmEvent]) -> list[FeedEntry]:
    """One entry for each time that a film came to a service or left it."""
    found = list(events)
    services, films = load_platforms(db), _load_films(db, (event.film_id for event in found))
    return [
        FeedEntry(
            f"{event.film_id}/{services[event.platform_id].slug}/{event.access}/{event.occurred_at:%Y%m%dT%H%M%S}/{event.is_opening:d}",
            _format_title(films[event.film_id]),
            event.occurred_at,
            _get_film_url(films[event.film_id]),
            _format_event(event, services[event.platform_id]),
        )
        for event in found
    ]


def get_newest_run_time(db: Session) -> datetime:
    """When the last collection shown began; long ago when there is none."""
    run = col(Platform.current_run_id) == col(Run.id)
    return (
        db.exec(select(func.max(col(Run.started_at))).select_from(Platform).join(Run, run).where(is_shown())).one()
        or UNKNOWN_START
    )


def _format_event(event: FilmEvent, service: Platform) -> str:
    if event.predates_collection:
        sentence = gettext("Vu pour la première fois sur %(service)s : %(access)s")
    else:
        opened, closed = gettext("Arrivé sur %(service)s : %(access)s"), gettext("Parti de %(service)s : %(access)s")
        sentence = opened if event.is_opening else closed
    return sentence % {"service": service.name, "access": gettext(ACCESS_LABELS[event.access]).lower()}


def _get_fact_time(line: FilmLine) -> datetime:
    """When the line became true: for what will end, when its end was so near."""
    assert line.moved_at is not None
    return line.moved_at - listings.FORTNIGHT if line.move_kind in (MoveKind.LAST, MoveKind.STAYS) else line.moved_at


def _load_films(db: Session, film_ids: Iterable[int]) -> dict[int, Film]:
    return {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(set(film_ids))))}


def _format_title(film: Film) -> str:
    return typeset(film.title) + (f" ({film.year})" if film.year else "")


def _get_film_url(film: Film) -> str:
    return url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)
