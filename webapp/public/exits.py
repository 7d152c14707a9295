"""Send readers to a service through an address of ours, which counts exits and leads only where the offer itself does."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, render_template, request
from sqlmodel import Session

from domain.models.offer import Offer
from domain.models.public_use import FilmExit
from domain.offers.current_offer import get_current_offer, get_film_of_offer
from domain.partners.partners import parse_public_host
from webapp.core.context import FILM_ID_CONVERTER, open_db_session
from webapp.core.counter_buffer import count_event, count_exit
from webapp.core.offer_labels import get_offer_url

bp = Blueprint("exits", __name__)
# The service is not told which page, nor even which site, its visitor comes from.
_EXIT_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_PREFETCH_HEADERS = ("Sec-Purpose", "Purpose", "X-Moz")


@bp.get(f"/sortie/<{FILM_ID_CONVERTER}:offer_id>")
def redirect_to_service(offer_id: int) -> Response:
    """Redirect to the offer's page at the service; when the offer is over, show a page that leads back to the film."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        current = get_current_offer(db, offer_id, at)
        url = get_offer_url(current) if current else None
        if current and url:
            response = Response(status=303, headers={"Location": url})
            _count_visit(current.judgement.film_id, at)
        else:
            response = _render_ended_offer(db, offer_id)
    response.headers.update(_EXIT_HEADERS)
    return response


def _render_ended_offer(db: Session, offer_id: int) -> Response:
    if db.get(Offer, offer_id) is None:
        abort(404)
    return Response(render_template("public/films/over.html", film=get_film_of_offer(db, offer_id)), 410)


def _count_visit(film_id: int | None, at: datetime) -> None:
    """Count one more exit from a film, and from the partner's block (`par`) where the link stood in one."""
    if film_id is None or not _is_real_visit():
        return
    count_event(FilmExit, film_id, at)
    partner = parse_public_host(request.args.get("par", ""))
    if partner:
        count_exit(partner, film_id, at)


def _is_real_visit() -> bool:
    """Return whether somebody follows the link, rather than a browser or a checker that looks ahead."""
    is_prefetch = any("prefetch" in request.headers.get(name, "").lower() for name in _PREFETCH_HEADERS)
    return request.method == "GET" and not is_prefetch
