"""Show the lists of films: new, leaving, free, with a library, heritage films, decades."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from sqlmodel import Session

from domain.models.platform import Platform
from domain.offers.listings import DECADES, list_shown_decades
from search.filters import SERVICES_PARAM
from webapp.core.context import open_db_session, render_page
from webapp.core.memo import get_cached
from webapp.core.my_services import parse_services
from webapp.core.pagination import parse_page
from webapp.core.service_register import list_newly_collected
from webapp.public.browse import listings
from webapp.public.browse.cards import load_list_page
from webapp.public.browse.listed_film import ListedFilm

FilmFinder = Callable[[Session, datetime], list[ListedFilm]]


def _render_list(name: str, find_films: FilmFinder, template: str | None = None, **context: Any) -> Response:
    """Render a page of the list of that name, which is also that of its template unless another is given."""
    at = datetime.now(UTC)
    page = parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        selection = parse_services(db, request.args.getlist(SERVICES_PARAM))
        list_page = load_list_page(db, get_cached(db, name, at, find_films), page, at, selection)
        new_services: list[Platform] = list_newly_collected(db, at - listings.WEEK) if name == "new" else []
    return render_page(
        f"public/browse/{template or name}.html",
        at,
        list_page=list_page,
        selection=selection,
        new_services=new_services,
        **context,
    )


def list_new() -> Response:
    """List what began in seven days, by day."""
    return _render_list("new", listings.find_new_films)


def list_leaving() -> Response:
    """List what has a known end within fourteen days, by day."""
    return _render_list("leaving", listings.find_leaving_films)


def list_free() -> Response:
    """List what can be seen without paying."""
    return _render_list("free", listings.find_free_films)


def list_library() -> Response:
    """List what can be seen with a library card."""
    return _render_list("library", listings.find_library_films)


def list_heritage() -> Response:
    """List the films over ten years old that can be seen again."""
    year = listings.get_heritage_year(datetime.now(UTC))
    return _render_list("heritage", listings.find_heritage_films, year=year)


def list_decades() -> Response:
    """List the decades of which some film can be seen."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        selection = parse_services(db, request.args.getlist(SERVICES_PARAM))
        decades = get_cached(db, "decades", at, list_shown_decades)
    return render_page("public/browse/decades.html", at, decades=decades, selection=selection)


def show_decade(start: int) -> Response:
    """List the films of ten years that can be seen, oldest first."""
    if start not in DECADES:
        abort(404)
    return _render_list(f"decade:{start}", listings.make_decade_finder(start), "decade", start=start)
