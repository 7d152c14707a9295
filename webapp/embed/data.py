"""What the element reads: the offers of one film in few bytes, the same for every partner, kept until services are drawn anew."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for

from domain.models.film import Film
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.neutral_order import period_start
from webapp.core.context import is_demonstration, iso, keep_for_period, session
from webapp.core.i18n import alone, gettext
from webapp.core.offer_labels import Group, access_label, draw_label, grouped, rows
from webapp.embed.blueprint import pages
from webapp.embed.load_counter import named
from webapp.embed.requested_film import find_asked

Facts = dict[str, Any]


@pages.get("/widget/v1/film.json")
def film() -> Response:
    """The film asked for with its offers; {"film": null} when the base does not hold it or there is a doubt."""
    at = datetime.now(UTC)
    with session() as db:
        found = find_asked(db, request.args)
        facts = _facts(found, available_offers(db, found.id, at), at) if found else {"film": None}
    body = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return keep_for_period(named(Response(body, mimetype="application/json"), found), at)


def _facts(film: Film, offers: list[AvailableOffer], at: datetime) -> Facts:
    services = {shown.platform.slug: shown.platform.name for shown in offers}
    facts: Facts = {
        "film": {
            "id": film.id,
            "title": film.title,
            "year": film.year,
            "page": url_for("films.film", film_id=film.id, slug=film.slug, _external=True),
        },
        "services": [{"slug": slug, "name": name} for slug, name in services.items()],
        "groups": [_group(group) for group in grouped(offers)],
        "order": f"{draw_label(at)}.",
        "none": gettext("Aucune offre légale connue à ce jour."),
        "others": gettext("Aucune offre parmi celles que cette page montre."),
        "more": gettext("Tout voir"),
        "drawn_at": iso(period_start(at)),
        "licence": "Licence Ouverte 2.0",
        "source": alone(url_for("films.home", _external=True)),
    }
    if is_demonstration():
        facts["notice"] = gettext("Données de démonstration.")
    return facts


def _group(group: Group) -> Facts:
    access, offers = group
    lines = [
        {
            "service": row.platform.slug,
            "price": line.price,
            "quality": line.offer.quality,
            "exit": _exit(line.offer.id, line.link),
        }
        for row in rows(offers)
        for line in row.lines
    ]
    return {
        "access": access,
        "label": access_label(access),
        "offers": [{name: value for name, value in line.items() if value} for line in lines],
    }


def _exit(offer_id: int | None, link: str | None) -> str | None:
    return url_for("exits.follow", offer_id=offer_id) if link else None
