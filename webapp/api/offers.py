"""The offers of a film: at a moment, and over time."""

from datetime import UTC, datetime

from flask import Response, request

from domain.common.isoformat import format_iso
from domain.common.paris_time import PARIS
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.history import list_offer_periods
from domain.runs.close_reasons import format_close_reason
from webapp.api.film_schemas import FilmName, OffersAnswer, Period
from webapp.api.operations import declare_get
from webapp.api.parameters import OffersParams
from webapp.api.responses import build_common_fields, build_period_response
from webapp.api.serializers import build_film_name, build_offer_fields, build_offers, build_order
from webapp.core.context import FILM_ID_CONVERTER, RequestError, open_db_session
from webapp.core.film_redirect import get_film_or_404


@declare_get(
    f"/films/<{FILM_ID_CONVERTER}:film_id>/offers",
    OffersParams,
    OffersAnswer,
    "Les offres d’un film, aujourd’hui ou un jour passé",
    "Un jour passé est dit avec les liens d’aujourd’hui entre lignes et films ; l’ordre est celui du moment demandé.",
)
def offers(params: OffersParams, film_id: int) -> Response:
    """Offers at a moment, and all periods when asked. Raises Refusal for a moment that is still to come."""
    now = datetime.now(UTC)
    at = _resolve_moment(params.at, now)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        shown = build_offers(available_offers(db, film_id, at))
        past = [_build_period(one) for one in list_offer_periods(db, film_id, at)] if params.history else None
    told = {
        "film": FilmName(**build_film_name(film)),
        "at": format_iso(at),
        "offers": shown,
        "history": past,
        "order": build_order(at),
    }
    return build_period_response(OffersAnswer(**build_common_fields(now), **told), now)


def _resolve_moment(requested: datetime | None, now: datetime) -> datetime:
    """The moment asked for; today is now, even when it is asked for before its noon."""
    if requested is None:
        return now
    if requested <= now:
        return requested
    if request.args["at"] == now.astimezone(PARIS).date().isoformat():
        return now
    raise RequestError("Le moment demandé (paramètre « at ») est à venir : seul le passé est connu.")


def _build_period(shown: AvailableOffer) -> Period:
    offer = shown.offer
    return Period(
        **build_offer_fields(shown), closed_at=format_iso(offer.closed_at), closed_why=format_close_reason(offer.closed_why)
    )
