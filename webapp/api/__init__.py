"""For programs: films and their offers as JSON, with the evidence of each. Fields may be added, never changed."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from sqlmodel import Session, col, select

from records.availability import AvailableOffer, available_offers
from records.films import Film, FilmIdentifier, FilmTitle
from records.ordering import PERIOD_SECONDS, period_start
from webapp.context import FILM_ID, Refusal, iso, keep_for_period, session
from webapp.offers import ACCESSES, address, draw_label, grouped, price
from webapp.search.results import Hit, read_page, search_films
from webapp.search.wordings import read_query

pages = Blueprint("api", __name__, url_prefix="/api/v1")
Facts = dict[str, Any]


@pages.get("/films")
def search() -> Response:
    """Films by the words of their titles: `q`, and `page` from 1."""
    at = datetime.now(UTC)
    _allow("q", "page")
    if not (query := read_query(request.args.get("q", ""))):
        raise Refusal("Le paramètre « q » est attendu : les mots d’un titre.")
    page = read_page(request.args.get("page", "1"))
    with session() as db:
        found = search_films(db, query, page, at)
    facts: Facts = {
        "query": query,
        "page": page,
        "pages": found.pages,
        "total": found.total,
        "approximate": found.meant is not None,
    }
    return _answer(facts | {"films": [_summary(hit) for hit in found.hits]}, at)


@pages.get(f"/films/<{FILM_ID}:film_id>")
def film(film_id: int) -> Response:
    """One film: its titles, its identifiers, and its offers from free to bought, services in the neutral order."""
    at = datetime.now(UTC)
    _allow()
    with session() as db:
        found = db.get(Film, film_id)
        if found is None:
            abort(404)
        facts = _film_facts(db, found)
        offers = [_offer_facts(shown) for _, group in grouped(available_offers(db, film_id, at)) for shown in group]
    order = {"drawn_at": iso(period_start(at)), "period_seconds": PERIOD_SECONDS, "label": draw_label(at)}
    return _answer(facts | {"offers": offers, "order": order}, at)


def _allow(*names: str) -> None:
    if unknown := [name for name in request.args if name not in names]:
        known = f"attendus : {', '.join(names)}" if names else "aucun n’est attendu"
        raise Refusal(f"Paramètre inconnu : « {unknown[0][:40]} » ({known}).")


def _answer(facts: Facts, at: datetime) -> Response:
    """JSON whose ETag is that of the facts: the moment of the answer does not make it another one."""
    mark = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    sent = facts | {"generated_at": iso(at), "licence": "Licence Ouverte 2.0", "source": url_for("films.home", _external=True)}
    answer = Response(json.dumps(sent, ensure_ascii=False), mimetype="application/json")
    answer.set_etag(mark, weak=True)
    answer.make_conditional(request)
    return keep_for_period(answer, at)


def _named(film: Film) -> Facts:
    return {
        "id": film.id,
        "title": film.title,
        "original_title": film.original_title,
        "year": film.year,
        "directors": film.directors,
        "page": url_for("films.film", film_id=film.id, slug=film.slug, _external=True),
    }


def _summary(hit: Hit) -> Facts:
    return _named(hit.film) | {"accesses": hit.accesses, "details": url_for(".film", film_id=hit.film.id, _external=True)}


def _film_facts(db: Session, film: Film) -> Facts:
    titles = db.exec(select(FilmTitle).where(col(FilmTitle.film_id) == film.id).order_by(col(FilmTitle.id)))
    identifiers: dict[str, list[str]] = {}
    for known in db.exec(select(FilmIdentifier).where(col(FilmIdentifier.film_id) == film.id).order_by(col(FilmIdentifier.id))):
        identifiers.setdefault(known.scheme, []).append(known.value)
    return _named(film) | {
        "titles": [{"title": title.title, "kind": title.kind, "language": title.language} for title in titles],
        "identifiers": identifiers,
        "release_date": film.release_date.isoformat() if film.release_date else None,
        "runtime_min": film.runtime_min,
        "countries": film.countries,
    }


def _offer_facts(shown: AvailableOffer) -> Facts:
    offer, judgement = shown.offer, shown.judgement
    cents = offer.price_cents
    return {
        "platform": {"slug": shown.platform.slug, "name": shown.platform.name},
        "access": offer.access,
        "access_label": ACCESSES[offer.access],
        "price": None if cents is None else f"{cents // 100}.{cents % 100:02d}",
        "price_cents": cents,
        "currency": offer.currency,
        "price_label": price(offer),
        "quality": offer.quality,
        "languages": offer.languages,
        "audio_description": offer.audio_description,
        "sdh": offer.sdh,
        "edition": offer.edition,
        "starts": iso(offer.starts),
        "ends": iso(offer.ends),
        "url": address(shown),
        "first_seen": iso(offer.first_seen),
        "last_seen": iso(offer.last_seen),
        "run": offer.last_run_id,
        "link": {
            "decided_by": "agent" if judgement.by_person else judgement.who,
            "decided_at": iso(judgement.decided_at),
            "probability": judgement.probability,
            "reason": judgement.reason,
        },
    }
