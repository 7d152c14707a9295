"""The lists: new, last days, free, heritage films, decades."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from sqlmodel import Session

from domain.offers.listings import DECADES, list_shown_decades
from search.filters import SERVICES_PARAM
from webapp.core.context import open_db_session, render_page
from webapp.core.memo import get_cached
from webapp.core.my_services import parse_services
from webapp.core.pagination import parse_page
from webapp.core.service_register import list_newly_collected
from webapp.public.browse import listings
from webapp.public.browse.cards import load_list_page
from webapp.public.browse.listings import FilmLine

LineFinder = Callable[[Session, datetime], list[FilmLine]]


def _render_list(name: str, find_lines: LineFinder, template: str | None = None, **facts: Any) -> Response:
    at, number = datetime.now(UTC), parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        mine = parse_services(db, request.args.getlist(SERVICES_PARAM))
        shelf = load_list_page(db, get_cached(db, name, at, find_lines), number, at, mine)
        begun = list_newly_collected(db, at - listings.WEEK) if name == "new" else []
    return render_page(f"public/browse/{template or name}.html", at, shelf=shelf, mine=mine, begun=begun, **facts)


def list_new() -> Response:
    """What began in seven days, by day."""
    return _render_list("new", listings.find_new_films)


def list_leaving() -> Response:
    """What has a known end within fourteen days, by day."""
    return _render_list("leaving", listings.find_leaving_films)


def list_free() -> Response:
    """What can be seen without paying."""
    return _render_list("free", listings.find_free_films)


def list_library() -> Response:
    """What can be seen with a library's card."""
    return _render_list("library", listings.find_library_films)


def list_heritage() -> Response:
    """Films over ten years old that are back in view."""
    return _render_list("heritage", listings.find_heritage_films, year=listings.get_heritage_year(datetime.now(UTC)))


def list_decades() -> Response:
    """The decades of which some film can be seen."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        mine = parse_services(db, request.args.getlist(SERVICES_PARAM))
        shown = get_cached(db, "decades", at, list_shown_decades)
    return render_page("public/browse/decades.html", at, decades=shown, mine=mine)


def show_decade(start: int) -> Response:
    """The films of ten years that can be seen, oldest first."""
    if start not in DECADES:
        abort(404)
    return _render_list(f"decade:{start}", listings.make_decade_finder(start), "decade", start=start)
