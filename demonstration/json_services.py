"""Three JSON services: a paged feed (Rattrapage Fictif) and two paged interfaces, GET and POST."""

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from demonstration.http_service import Answer, Reply, Request
from demonstration.listing import Listing, Way
from demonstration.offer_pages import offer_link
from domain.common.enums import Access

_PAGE = 50
_TAGS = {"film": "films", "short": "courts métrages", "telefilm": "téléfilms"}


def _json(told: object) -> Reply:
    return Reply(json.dumps(told, ensure_ascii=False).encode(), "application/json")


def _number(told: object) -> int:
    return int(str(told)) if re.fullmatch("[0-9]{1,9}", str(told)) else 0


def _moment(day: date | None) -> str | None:
    return f"{day.isoformat()}T05:00:00+01:00" if day else None


def replay_fictif_feed(lines: Sequence[Listing], origin: str) -> Answer:
    """Pages from 1, a list at the root, an empty one past the end; a window and an offer for each programme."""
    programmes = [_programme(line, origin) for line in lines]

    def answer(asked: Request) -> Reply | None:
        page = _number(asked.query.get("page"))
        if asked.path != "/v1/programmes":
            return None
        return _json(programmes[(page - 1) * _PAGE : page * _PAGE] if page else [])

    return answer


def _programme(line: Listing, origin: str) -> dict[str, Any]:
    (way,) = line.ways
    return {
        "id": line.ref,
        "title": line.title,
        "tags": [{"type": "category", "label": _TAGS[line.category]}],
        "produced_at": str(line.year) if line.year else None,
        "duration": f"PT{line.minutes}M" if line.minutes else None,
        "credits": [_credit(name) for name in line.directors],
        "production_countries": [{"label": country} for country in line.countries],
        "window": {"offer": way.access, "start": _moment(way.starts), "end": _moment(way.ends)},
        "link": offer_link(origin, line),
    }


def _credit(name: str) -> dict[str, str]:
    first, _, last = name.rpartition(" ")
    return {"role": "director", "first_name": first, "last_name": last}


def cineclub_imaginaire_api(lines: Sequence[Listing], origin: str) -> Answer:
    """GET, pages from 1, the number of the next page and the total in `meta`."""
    films = [_club_film(line, origin) for line in lines]

    def answer(asked: Request) -> Reply | None:
        if asked.path != "/api/films":
            return None
        page = _number(asked.query.get("page")) or 1
        meta = {"next_page": page + 1 if page * _PAGE < len(films) else None, "total": len(films)}
        return _json({"films": films[(page - 1) * _PAGE : page * _PAGE], "meta": meta})

    return answer


def _club_film(line: Listing, origin: str) -> dict[str, Any]:
    return {
        "id": int(line.ref),
        "title": line.title,
        "original_title": line.original_title or line.title,
        "year": line.year,
        "duration": line.minutes,
        "directors": [{"name": name} for name in line.directors],
        "countries": list(line.countries),
        "series": {"title": line.title} if line.category == "series" else None,
        "offered": [_club_offer(way) for way in line.ways],
        "web_url": offer_link(origin, line),
    }


def _club_offer(way: Way) -> dict[str, Any]:
    if way.access is Access.SUBSCRIPTION:
        return {"type": "catalogue", "ends_at": _moment(way.ends)}
    return {"type": "rental" if way.access is Access.RENT else "purchase", "price": (way.cents or 0) / 100}


def mediatheque_inventee_api(lines: Sequence[Listing], origin: str) -> Answer:
    """POST, pages from 0, as many lines a page as asked, running times in seconds, people in one text."""
    products = [_product(line, origin) for line in lines]

    def answer(asked: Request) -> Reply | None:
        if (asked.method, asked.path) != ("POST", "/recherche"):
            return None
        try:
            wanted = json.loads(asked.body)
            page, size = _number(wanted["pageNumber"]), min(_number(wanted["pageSize"]), 100)
        except (ValueError, KeyError, TypeError):
            return Reply(b'{"error": "pageNumber and pageSize are expected"}', "application/json", 400)
        return _json({"products": {"content": products[page * size : (page + 1) * size], "totalElements": len(products)}})

    return answer


def _product(line: Listing, origin: str) -> dict[str, Any]:
    return {
        "uuid": f"produit-{line.ref}",
        "title": line.title,
        "directors": ", ".join(line.directors),
        "productionYear": line.year,
        "productType": "SERIES" if line.category == "series" else "PROGRAM",
        "duration": line.minutes * 60 if line.minutes else None,
        "link": offer_link(origin, line),
    }
