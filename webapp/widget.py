"""For partner sites: the answer inside a frame, the custom element, and how to use them."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app
from sqlmodel import col, select

from records.availability import available_offers, is_available
from records.films import Film
from webapp.context import FILM_ID, page, session
from webapp.offers import grouped

pages = Blueprint("widget", __name__)


@pages.get(f"/widget/<{FILM_ID}:film_id>")
def frame(film_id: int) -> Response:
    """The offers of a film, for a frame on any site."""
    at = datetime.now(UTC)
    with session() as db:
        film = db.get(Film, film_id)
        if film is None:
            abort(404)
        groups = grouped(available_offers(db, film_id, at))
    return page("widget/frame.html", at, film=film, groups=groups)


@pages.get("/widget/v1/ouvoir.js")
def element() -> Response:
    """The custom element `<ou-voir>`, for any site."""
    return current_app.send_static_file("ouvoir.js")


@pages.get("/integrer")
def integrate() -> Response:
    """How to show the answer on another site, with a film that has offers now where there is one."""
    at = datetime.now(UTC)
    best_known = select(Film).order_by(is_available(at).desc(), col(Film.popularity).desc().nulls_last(), col(Film.id))
    with session() as db:
        example = db.exec(best_known.limit(1)).first()
    return page("widget/integrate.html", at, film=example)
