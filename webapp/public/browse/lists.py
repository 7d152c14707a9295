"""The lists: new, last days, free, heritage films, decades."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from sqlmodel import Session

from domain.offers.listings import DECADES, decades_shown
from webapp.core.context import page, session
from webapp.core.memo import kept, pages
from webapp.core.my_services import PARAMETER, read_services
from webapp.core.pagination import read_page
from webapp.core.service_register import newly_read
from webapp.public.browse import listings
from webapp.public.browse.cards import read_shelf
from webapp.public.browse.listings import Line

Make = Callable[[Session, datetime], list[Line]]


def _list(name: str, make: Make, template: str | None = None, **facts: Any) -> Response:
    at, number = datetime.now(UTC), read_page(request.args.get("page", "1"))
    with session() as db:
        mine = read_services(db, request.args.getlist(PARAMETER))
        shelf = read_shelf(db, kept(db, name, at, make), number, at, mine)
        begun = newly_read(db, at - listings.WEEK) if name == "new" else []
    return page(f"public/browse/{template or name}.html", at, shelf=shelf, mine=mine, begun=begun, **facts)


@pages.get("/nouveautes")
def new() -> Response:
    """What began in seven days, by day."""
    return _list("new", listings.news)


@pages.get("/derniers-jours")
def leaving() -> Response:
    """What has a known end within fourteen days, by day."""
    return _list("leaving", listings.leaving)


@pages.get("/gratuit")
def free() -> Response:
    """What can be seen without paying."""
    return _list("free", listings.free)


@pages.get("/gratuit/bibliotheque")
def library() -> Response:
    """What can be seen with a library's card."""
    return _list("library", listings.library)


@pages.get("/patrimoine")
def heritage() -> Response:
    """Films over ten years old that are back in view."""
    return _list("heritage", listings.heritage, year=listings.heritage_year(datetime.now(UTC)))


@pages.get("/decennies")
def decades() -> Response:
    """The decades of which some film can be seen."""
    at = datetime.now(UTC)
    with session() as db:
        mine = read_services(db, request.args.getlist(PARAMETER))
        shown = kept(db, "decades", at, decades_shown)
    return page("public/browse/decades.html", at, decades=shown, mine=mine)


@pages.get("/decennies/<int(max=2100):start>")
def decade(start: int) -> Response:
    """The films of ten years that can be seen, oldest first."""
    if start not in DECADES:
        abort(404)
    return _list(f"decade:{start}", listings.decade(start), "decade", start=start)
