"""The way out to a service: an address of ours that counts by film and day, and leads only where the offer itself does."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, render_template, request

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
    """To the offer's page at the service; when it is over, a page that says so and leads back to the film."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        shown = get_current_offer(db, offer_id, at)
        link = get_offer_url(shown) if shown else None
        if shown and link:
            answer = Response(status=303, headers={"Location": link})
            if shown.judgement.film_id and _is_real_visit():
                count_event(FilmExit, shown.judgement.film_id, at)
                if partner := parse_public_host(request.args.get("par", "")):
                    count_exit(partner, shown.judgement.film_id, at)
        elif db.get(Offer, offer_id):
            answer = Response(render_template("public/films/over.html", film=get_film_of_offer(db, offer_id)), 410)
        else:
            abort(404)
    answer.headers.update(_EXIT_HEADERS)
    return answer


def _is_real_visit() -> bool:
    """Whether somebody follows the link, and not a browser or a checker that looks ahead."""
    ahead = any("prefetch" in request.headers.get(name, "").lower() for name in _PREFETCH_HEADERS)
    return request.method == "GET" and not ahead
