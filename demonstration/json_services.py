"""Serve three JSON services: a paged feed (Rattrapage Fictif) and two paged APIs, by GET and by POST."""

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from demonstration.http_service import Request, RequestHandler, Response
from demonstration.listing import ListedOffer, Listing
from demonstration.offer_pages import build_offer_url
from domain.common.enums import Access

_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 100
_TAGS = {"film": "films", "short": "courts métrages", "telefilm": "téléfilms"}


def _make_json_response(payload: object) -> Response:
    return Response(json.dumps(payload, ensure_ascii=False).encode(), "application/json")


def _parse_number(value: object) -> int:
    text = str(value)
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _get_page(rows: list[dict[str, Any]], page: int, size: int) -> list[dict[str, Any]]:
    """Return the rows of a page, counted from 1; none for page 0."""
    return rows[(page - 1) * size : page * size] if page else []


def _format_moment(day: date | None) -> str | None:
    return f"{day.isoformat()}T05:00:00+01:00" if day else None


def make_replay_fictif_feed(listings: Sequence[Listing], origin: str) -> RequestHandler:
    """Serve pages from 1, a list at the root, an empty one past the end; a window and an offer for each programme."""
    programmes = [_build_programme(listing, origin) for listing in listings]

    def answer(request: Request) -> Response | None:
        if request.path != "/v1/programmes":
            return None
        page = _parse_number(request.query.get("page"))
        return _make_json_response(_get_page(programmes, page, _PAGE_SIZE))

    return answer


def _build_programme(listing: Listing, origin: str) -> dict[str, Any]:
    (offer,) = listing.offers
    return {
        "id": listing.ref,
        "title": listing.title,
        "tags": [{"type": "category", "label": _TAGS[listing.category]}],
        "produced_at": str(listing.year) if listing.year else None,
        "duration": f"PT{listing.runtime_min}M" if listing.runtime_min else None,
        "credits": [_build_credit(name) for name in listing.directors],
        "production_countries": [{"label": country} for country in listing.countries],
        "window": {"offer": offer.access, "start": _format_moment(offer.starts), "end": _format_moment(offer.ends)},
        "link": build_offer_url(origin, listing),
    }


def _build_credit(name: str) -> dict[str, str]:
    first, _, last = name.rpartition(" ")
    return {"role": "director", "first_name": first, "last_name": last}


def make_cineclub_imaginaire_api(listings: Sequence[Listing], origin: str) -> RequestHandler:
    """Serve pages from 1 by GET, the number of the next page and the total in `meta`."""
    films = [_build_club_film(listing, origin) for listing in listings]

    def answer(request: Request) -> Response | None:
        if request.path != "/api/films":
            return None
        page = _parse_number(request.query.get("page")) or 1
        is_last = page * _PAGE_SIZE >= len(films)
        meta = {"next_page": None if is_last else page + 1, "total": len(films)}
        return _make_json_response({"films": _get_page(films, page, _PAGE_SIZE), "meta": meta})

    return answer


def _build_club_film(listing: Listing, origin: str) -> dict[str, Any]:
    return {
        "id": int(listing.ref),
        "title": listing.title,
        "original_title": listing.original_title or listing.title,
        "year": listing.year,
        "duration": listing.runtime_min,
        "directors": [{"name": name} for name in listing.directors],
        "countries": list(listing.countries),
        "series": {"title": listing.title} if listing.is_series else None,
        "offered": [_build_club_offer(offer) for offer in listing.offers],
        "web_url": build_offer_url(origin, listing),
    }


def _build_club_offer(offer: ListedOffer) -> dict[str, Any]:
    if offer.access is Access.SUBSCRIPTION:
        return {"type": "catalogue", "ends_at": _format_moment(offer.ends)}
    offer_type = {Access.RENT: "rental", Access.BUY: "purchase"}[offer.access]
    return {"type": offer_type, "price": (offer.cents or 0) / 100}


def make_mediatheque_inventee_api(listings: Sequence[Listing], origin: str) -> RequestHandler:
    """Serve pages from 0 by POST, of the size requested, running times in seconds, people in one text."""
    products = [_build_product(listing, origin) for listing in listings]

    def answer(request: Request) -> Response | None:
        if (request.method, request.path) != ("POST", "/recherche"):
            return None
        try:
            payload = json.loads(request.body)
            page = _parse_number(payload["pageNumber"])
            size = min(_parse_number(payload["pageSize"]), _MAX_PAGE_SIZE)
        except (ValueError, KeyError, TypeError):
            return Response(b'{"error": "pageNumber and pageSize are expected"}', "application/json", 400)
        content = _get_page(products, page + 1, size)
        return _make_json_response({"products": {"content": content, "totalElements": len(products)}})

    return answer


def _build_product(listing: Listing, origin: str) -> dict[str, Any]:
    return {
        "uuid": f"produit-{listing.ref}",
        "title": listing.title,
        "directors": ", ".join(listing.directors),
        "productionYear": listing.year,
        "productType": "SERIES" if listing.is_series else "PROGRAM",
        "duration": listing.runtime_min * 60 if listing.runtime_min else None,
        "link": build_offer_url(origin, listing),
    }
