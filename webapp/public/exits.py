"""The way out to a service: an address of ours that counts by film and day, and leads only where the offer itself does."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, render_template, request

from domain.models.offer import Offer
from domain.models.public_use import FilmExit
from domain.offers.current_offer import current_offer, film_of_offer
from domain.partners.partners import public_host
from webapp.core.context import FILM_ID, session
from webapp.core.counter_buffer import count, count_exit
from webapp.core.offer_labels import address

pages = Blueprint("exits", __name__)
# The service is not told which page, nor even which site, its visitor comes from.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_AHEAD = ("Sec-Purpose", "Purpose", "X-Moz")


@pages.get(f"/sortie/<{FILM_ID}:offer_id>")
def follow(offer_id: int) -> Response:
    """To the offer's page at the service; when it is over, a page that says so and leads back to the film."""
    at = datetime.now(UTC)
    with session() as db:
        shown = current_offer(db, offer_id, at)
        link = address(shown) if shown else None
        if shown and link:
            answer = Response(status=303, headers={"Location": link})
            if shown.judgement.film_id and _is_followed():
                count(FilmExit, shown.judgement.film_id, at)
                if partner := public_host(request.args.get("par", "")):
                    count_exit(partner, shown.judgement.film_id, at)
        elif db.get(Offer, offer_id):
            answer = Response(render_template("public/films/over.html", film=film_of_offer(db, offer_id)), 410)
        else:
            abort(404)
    answer.headers.update(_HEADERS)
    return answer


def _is_followed() -> bool:
    """Whether somebody follows the link, and not a browser or a checker that looks ahead."""
    ahead = any("prefetch" in request.headers.get(name, "").lower() for name in _AHEAD)
    return request.method == "GET" and not ahead
