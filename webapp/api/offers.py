"""The offers of a film: at a moment, and over time."""

from datetime import UTC, datetime

from flask import Response, request

from domain.common.isoformat import iso
from domain.common.paris_time import PARIS
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.history import offer_periods
from webapp.api.film_schemas import FilmName, OffersAnswer, Period
from webapp.api.operations import reads
from webapp.api.parameters import OffersAsked
from webapp.api.responses import common, send_drawn
from webapp.api.serializers import evidence, in_order, named, order
from webapp.core.context import FILM_ID, Refusal, session
from webapp.core.film_redirect import film_here


@reads(
    f"/films/<{FILM_ID}:film_id>/offers",
    OffersAsked,
    OffersAnswer,
    "Les offres d’un film, aujourd’hui ou un jour passé",
    "Un jour passé est dit avec les liens d’aujourd’hui entre lignes et films ; l’ordre est celui du moment demandé.",
)
def offers(asked: OffersAsked, film_id: int) -> Response:
    """Offers at a moment, and all periods when asked. Raises Refusal for a moment that is still to come."""
    now = datetime.now(UTC)
    at = _moment(asked.at, now)
    with session() as db:
        film = film_here(db, film_id)
        shown = in_order(available_offers(db, film_id, at))
        past = [_period(one) for one in offer_periods(db, film_id, at)] if asked.history else None
    told = {"film": FilmName(**named(film)), "at": iso(at), "offers": shown, "history": past, "order": order(at)}
    return send_drawn(OffersAnswer(**common(now), **told), now)


def _moment(asked: datetime | None, now: datetime) -> datetime:
    """The moment asked for; today is now, even when it is asked for before its noon."""
    if asked is None:
        return now
    if asked <= now:
        return asked
    if request.args["at"] == now.astimezone(PARIS).date().isoformat():
        return now
    raise Refusal("Le moment demandé (paramètre « at ») est à venir : seul le passé est connu.")


def _period(shown: AvailableOffer) -> Period:
    return Period(**evidence(shown), closed_at=iso(shown.offer.closed_at), closed_why=shown.offer.closed_why)
