"""Send the element the offers of one film in few bytes: the same for every partner, cached until services are drawn anew."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for

from domain.models.film import Film
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.neutral_order import get_period_start
from webapp.core.context import cache_for_period, format_iso, is_demonstration, open_db_session
from webapp.core.i18n import gettext, strip_language_prefix
from webapp.core.offer_labels import (
    AccessGroup,
    OfferLine,
    ServiceRow,
    format_access,
    format_draw_period,
    group_by_access,
    group_by_service,
)
from webapp.embed.load_counter import add_film_header
from webapp.embed.requested_film import find_requested_film

JsonObject = dict[str, Any]


def show_film() -> Response:
    """Send the film asked for with its offers; {"film": null} when the database does not hold it or there is a doubt."""
    at = datetime.now(UTC)
    payload: JsonObject = {"film": None}
    with open_db_session() as db:
        film = find_requested_film(db, request.args)
        if film is not None:
            payload = _build_film_payload(film, available_offers(db, film.id, at), at)
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return cache_for_period(add_film_header(Response(body, mimetype="application/json"), film), at)


def _build_film_payload(film: Film, offers: list[AvailableOffer], at: datetime) -> JsonObject:
    services = {available.platform.slug: available.platform.name for available in offers}
    payload: JsonObject = {
        "film": {
            "id": film.id,
            "title": film.title,
            "year": film.year,
            "page": url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True),
        },
        "services": [{"slug": slug, "name": name} for slug, name in services.items()],
        "groups": [_build_group(group) for group in group_by_access(offers)],
        "order": f"{format_draw_period(at)}.",
        "none": gettext("Aucune offre légale connue à ce jour."),
        "others": gettext("Aucune offre parmi celles que cette page montre."),
        "more": gettext("Tout voir"),
        "drawn_at": format_iso(get_period_start(at)),
        "licence": "Licence Ouverte 2.0",
        "source": strip_language_prefix(url_for("films.show_home", _external=True)),
    }
    if is_demonstration():
        payload["notice"] = gettext("Données de démonstration.")
    return payload


def _build_group(group: AccessGroup) -> JsonObject:
    access, offers = group
    offer_payloads = []
    for row in group_by_service(offers):
        offer_payloads += [_build_offer(row, line) for line in row.lines]
    return {"access": access, "label": format_access(access), "offers": offer_payloads}


def _build_offer(row: ServiceRow, line: OfferLine) -> JsonObject:
    """Return an offer; what is unknown is left out."""
    payload = {
        "service": row.platform.slug,
        "price": line.price,
        "quality": line.offer.quality,
        "exit": url_for("exits.redirect_to_service", offer_id=line.offer.id) if line.link else None,
    }
    return {name: value for name, value in payload.items() if value}
