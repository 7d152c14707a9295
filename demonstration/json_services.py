"""Three JSON services: a paged feed (Rattrapage Fictif) and two paged interfaces, GET and POST."""

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
_TAGS = {"film": "films", "short": "courts métrages", "telefilm": "téléfilms"}


def _make_json_response(payload: object) -> Response:
    return Response(json.dumps(payload, ensure_ascii=False).encode(), "application/json")


def _parse_number(value: object) -> int:
    return int(str(value)) if re.fullmatch("[0-9]{1,9}", str(value)) else 0


def _format_moment(day: date | None) -> str | None:
    return f"{day.isoformat()}T05:00:00+01:00" if day else None


def make_replay_fictif_feed(lines: Sequence[Listing], origin: str) -> RequestHandler:
    """Pages from 1, a list at the root, an empty one past the end; a window and an offer for each programme."""
    programmes = [_build_programme(line, origin) for line in lines]

    def answer(asked: Request) -> Response | None:
        page = _parse_number(asked.query.get("page"))
        if asked.path != "/v1/programmes":
            return None
        return _make_json_response(programmes[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE] if page else [])

    return answer


def _build_programme(line: Listing, origin: str) -> dict[str, Any]:
    (way,) = line.offers
    return {
        "id": line.ref,
        "title": line.title,
        "tags": [{"type": "category", "label": _TAGS[line.category]}],
        "produced_at": str(line.year) if line.year else None,
        "duration": f"PT{line.runtime_min}M" if line.runtime_min else None,
        "credits": [_build_credit(name) for name in line.directors],
        "production_countries": [{"label": country} for country in line.countries],
        "window": {"offer": way.access, "start": _format_moment(way.starts), "end": _format_moment(way.ends)},
        "link": build_offer_url(origin, line),
    }


def _build_credit(name: str) -> dict[str, str]:
    first, _, last = name.rpartition(" ")
    return {"role": "director", "first_name": first, "last_name": last}


def make_cineclub_imaginaire_api(lines: Sequence[Listing], origin: str) -> RequestHandler:
    """GET, pages from 1, the number of the next page and the total in `meta`."""
    films = [_build_club_film(line, origin) for line in lines]

    def answer(asked: Request) -> Response | None:
        if asked.path != "/api/films":
            return None
        page = _parse_number(asked.query.get("page")) or 1
        meta = {"next_page": page + 1 if page * _PAGE_SIZE < len(films) else None, "total": len(films)}
        return _make_json_response({"films": films[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE], "meta": meta})

    return answer


def _build_club_film(line: Listing, origin: str) -> dict[str, Any]:
    return {
        "id": int(line.ref),
        "title": line.title,
        "original_title": line.original_title or line.title,
        "year": line.year,
        "duration": line.runtime_min,
        "directors": [{"name": name} for name in line.directors],
        "countries": list(line.countries),
        "series": {"title": line.title} if line.category == "series" else None,
        "offered": [_build_club_offer(way) for way in line.offers],
        "web_url": build_offer_url(origin, line),
    }


def _build_club_offer(way: ListedOffer) -> dict[str, Any]:
    if way.access is Access.SUBSCRIPTION:
        return {"type": "catalogue", "ends_at": _format_moment(way.ends)}
    return {"type": "rental" if way.access is Access.RENT else "purchase", "price": (way.cents or 0) / 100}


def make_mediatheque_inventee_api(lines: Sequence[Listing], origin: str) -> RequestHandler:
    """POST, pages from 0, as many lines a page as asked, running times in seconds, people in one text."""
    products = [_build_product(line, origin) for line in lines]

    def answer(asked: Request) -> Response | None:
        if (asked.method, asked.path) != ("POST", "/recherche"):
            return None
        try:
            wanted = json.loads(asked.body)
            page, size = _parse_number(wanted["pageNumber"]), min(_parse_number(wanted["pageSize"]), 100)
        except (ValueError, KeyError, TypeError):
            return Response(b'{"error": "pageNumber and pageSize are expected"}', "application/json", 400)
        return _make_json_response(
            {"products": {"content": products[page * size : (page + 1) * size], "totalElements": len(products)}}
        )

    return answer


def _build_product(line: Listing, origin: str) -> dict[str, Any]:
    return {
        "uuid": f"produit-{line.ref}",
        "title": line.title,
        "directors": ", ".join(line.directors),
        "productionYear": line.year,
        "productType": "SERIES" if line.category == "series" else "PROGRAM",
        "duration": line.runtime_min * 60 if line.runtime_min else None,
        "link": build_offer_url(origin, line),
    }
