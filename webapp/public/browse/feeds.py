"""Publish feeds of a film, a service, a director and of the lists that move; each entry reads as at the moment of its fact."""

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
from webapp.public.browse.listed_film import ENDING_KINDS, ListedFilm, MoveKind, filter_by_services
from webapp.public.browse.services import load_service_lists

_MAX_DIRECTOR_FILMS = 1000


def show_new_feed() -> Response:
    """Publish what began in seven days."""
    return _render_list_feed("new", "nouveautes", gettext("Nouveautés de la semaine"), listings.find_new_films)


def show_leaving_feed() -> Response:
    """Publish what will end within fourteen days: a fact from the day when the end is so near."""
    return _render_list_feed("leaving", "derniers-jours", gettext("Derniers jours"), listings.find_leaving_films)


def show_free_feed() -> Response:
    """Publish what became free in thirty days."""
    return _render_list_feed("free", "gratuit", gettext("Gratuit en ce moment"), listings.find_newly_free_films, "newly_free")


def show_heritage_feed() -> Response:
    """Publish the films over ten years old that came back in thirty days."""
    title = gettext("Films de patrimoine de nouveau visibles")
    return _render_list_feed("heritage", "patrimoine", title, listings.find_heritage_films)


def show_service_feed(slug: str) -> Response:
    """Publish what came to a service, and left it, in thirty days."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        if get_absence_reason(platform):
            abort(404)
        lists = load_service_lists(db, platform, at)
        entries = build_list_entries(db, [*lists.arrived, *lists.departed])
        run = db.get(Run, platform.current_run_id)
    page_url = url_for(".show_service", slug=slug, _external=True)
    updated_at = run.started_at if run else UNKNOWN_START
    return render_feed(Feed(f"services/{slug}", typeset(platform.name), page_url, entries, at, updated_at))


def show_director_feed(slug: str) -> Response:
    """Publish what came and went of a director's films."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        names = list_director_names(db, slug)
        film_ids = list(db.exec(select(FilmDirector.film_id).where(FilmDirector.key == slug).limit(_MAX_DIRECTOR_FILMS)))
        entries = build_event_entries(db, list_film_events(db, film_ids, at)[:MAX_ENTRIES])
        updated_at = get_newest_run_time(db)
    page_url = url_for(".show_director", slug=slug, _external=True)
    return render_feed(Feed(f"realisations/{slug}", ", ".join(names), page_url, entries, at, updated_at))


def show_film_feed(film_id: int, slug: str = "") -> AnyResponse:
    """Publish what came and went of a film."""
    at = datetime.now(UTC)
    if slug:
        return redirect(url_for(".show_film_feed", film_id=film_id), 301)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        entries = build_event_entries(db, list_film_events(db, [film_id], at)[:MAX_ENTRIES])
    page_url = url_for("films.show_film", film_id=film_id, slug=film.slug, _external=True)
    return render_feed(Feed(f"films/{film_id}", _format_title(film), page_url, entries, at, film.updated_at))


def _render_list_feed(
    listing: str, key: str, title: str, find_films: Callable[[Session, datetime], list[ListedFilm]], cache_name: str | None = None
) -> Response:
    """Render the feed of a list; `key` names it for ever, with the services that the reader selected."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        selection = parse_services(db, request.args.getlist(SERVICES_PARAM))
        films = get_cached(db, cache_name or listing, at, find_films)
        entries = build_list_entries(db, filter_by_services(films, selection.platform_ids))
        updated_at = get_newest_run_time(db)
    page_url = url_for(f".list_{listing}", _external=True, **selection.query_params)
    feed_key = "/".join([key, *selection.slugs])
    return render_feed(Feed(feed_key, f"OùVoir – {title}", page_url, entries, at, updated_at))


def build_list_entries(db: Session, films: Iterable[ListedFilm]) -> list[FeedEntry]:
    """Return the fifty latest facts among the films of a list."""
    moving = sorted((film for film in films if film.moved_at), key=_get_fact_time, reverse=True)[:MAX_ENTRIES]
    platforms = load_platforms(db)
    films_by_id = _load_films(db, (listed.film_id for listed in moving))
    return [_build_list_entry(listed, films_by_id[listed.film_id], platforms) for listed in moving]


def _build_list_entry(listed: ListedFilm, film: Film, platforms: dict[int, Platform]) -> FeedEntry:
    kind = listed.move_kind or MoveKind.CAME
    occurred_at = _get_fact_time(listed)
    return FeedEntry(
        key=f"{listed.film_id}/{listed.day}/{kind.name.lower()}",
        title=_format_title(film),
        occurred_at=occurred_at,
        url=_get_film_url(film),
        summary=format_move(listed, platforms, occurred_at) or "",
    )


def build_event_entries(db: Session, events: Iterable[FilmEvent]) -> list[FeedEntry]:
    """Return one entry for each time that a film came to a service or left it."""
    events = list(events)
    platforms = load_platforms(db)
    films = _load_films(db, (event.film_id for event in events))
    return [_build_event_entry(event, films[event.film_id], platforms[event.platform_id]) for event in events]


def _build_event_entry(event: FilmEvent, film: Film, platform: Platform) -> FeedEntry:
    occurred_at = f"{event.occurred_at:%Y%m%dT%H%M%S}"
    return FeedEntry(
        key=f"{event.film_id}/{platform.slug}/{event.access}/{occurred_at}/{event.is_opening:d}",
        title=_format_title(film),
        occurred_at=event.occurred_at,
        url=_get_film_url(film),
        summary=_format_event(event, platform),
    )


def get_newest_run_time(db: Session) -> datetime:
    """Return when the last collection shown began; long ago when there is none."""
    is_current_run = col(Platform.current_run_id) == col(Run.id)
    stmt = select(func.max(col(Run.started_at))).select_from(Platform).join(Run, is_current_run).where(is_shown())
    return db.exec(stmt).one() or UNKNOWN_START


def _format_event(event: FilmEvent, platform: Platform) -> str:
    if event.predates_collection:
        sentence = gettext("Vu pour la première fois sur %(service)s : %(access)s")
    elif event.is_opening:
        sentence = gettext("Arrivé sur %(service)s : %(access)s")
    else:
        sentence = gettext("Parti de %(service)s : %(access)s")
    return sentence % {"service": platform.name, "access": gettext(ACCESS_LABELS[event.access]).lower()}


def _get_fact_time(listed: ListedFilm) -> datetime:
    """Return when the fact became true: of what will end, when its end came within fourteen days."""
    assert listed.moved_at is not None
    return listed.moved_at - listings.FORTNIGHT if listed.move_kind in ENDING_KINDS else listed.moved_at


def _load_films(db: Session, film_ids: Iterable[int]) -> dict[int, Film]:
    return {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(set(film_ids))))}


def _format_title(film: Film) -> str:
    title = typeset(film.title)
    return f"{title} ({film.year})" if film.year else title


def _get_film_url(film: Film) -> str:
    return url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)
