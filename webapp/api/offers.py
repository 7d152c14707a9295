"""Return the offers of a film, at a moment and over time."""

from datetime import UTC, datetime

from flask import Response, request

from domain.common.isoformat import format_iso
from domain.common.paris_time import PARIS
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.history import list_offer_periods
from domain.runs.close_reasons import format_close_reason
from webapp.api.film_schemas import FilmName, OffersAnswer, Period
from webapp.api.operations import get_operation
from webapp.api.parameters import OffersParams
from webapp.api.responses import build_common_fields, build_period_response
from webapp.api.serializers import build_film_name, build_offer_fields, build_offers, build_order
from webapp.core.context import FILM_ID_CONVERTER, RequestError, open_db_session
from webapp.core.film_redirect import get_film_or_404


@get_operation(
    "offers",
    f"/films/<{FILM_ID_CONVERTER}:film_id>/offers",
    OffersParams,
    OffersAnswer,
    "Les offres d’un film, aujourd’hui ou un jour passé",
    "Un jour passé est dit avec les liens d’aujourd’hui entre lignes et films ; l’ordre est celui du moment demandé.",
)
def list_offers(params: OffersParams, film_id: int) -> Response:
    """Return the offers at a moment, and all periods when requested. Raise RequestError for a moment still to come."""
    now = datetime.now(UTC)
    at = _resolve_moment(params.at, now)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        offers = build_offers(available_offers(db, film_id, at))
        periods = list_offer_periods(db, film_id, at) if params.history else None
    answer = OffersAnswer(
        **build_common_fields(now),
        film=FilmName(**build_film_name(film)),
        at=format_iso(at),
        offers=offers,
        history=None if periods is None else [_build_period(period) for period in periods],
        order=build_order(at),
    )
    return build_period_response(answer, now)


def _resolve_moment(requested: datetime | None, now: datetime) -> datetime:
    """Return the moment requested; today means now, even before its noon. Raise RequestError for a moment to come."""
    if requested is None:
        return now
    if requested <= now:
        return requested
    if request.args["at"] == now.astimezone(PARIS).date().isoformat():
        return now
    raise RequestError("Le moment demandé (paramètre « at ») est à venir : seul le passé est connu.")


def _build_period(period: AvailableOffer) -> Period:
    offer = period.offer
    return Period(
        **build_offer_fields(period), closed_at=format_iso(offer.closed_at), closed_why=format_close_reason(offer.closed_why)
    )
