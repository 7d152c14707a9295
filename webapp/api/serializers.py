"""Turn rows of the database into fields of the API's answers."""

from datetime import date, datetime
from functools import cache
from typing import Any

from flask import url_for
from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from domain.common.isoformat import format_decimal_price, format_iso
from domain.linking.authors import format_author
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.offers.availability import AvailableOffer
from domain.offers.neutral_order import PERIOD_SECONDS, get_period_start
from matcher.explanations import explain_decision
from webapp.api.film_schemas import Link, Offer, Order, PlatformName, Title
from webapp.core.offer_labels import ACCESS_LABELS, format_draw_period, format_price, get_offer_url, group_by_access

JsonObject = dict[str, Any]


def format_day(value: date | None) -> str | None:
    """Return a day in ISO 8601."""
    return value.isoformat() if value else None


def build_film_name(film: Film) -> JsonObject:
    """Return the fields of `FilmName`."""
    return {
        "id": film.id,
        "title": film.title,
        "original_title": film.original_title,
        "year": film.year,
        "directors": film.directors,
        "page": url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True),
    }


def build_details_url(film: Film) -> str:
    """Return the address of a film in the API."""
    return url_for("api.film", film_id=film.id, _external=True)


@cache
def _build_film_queries() -> tuple[Select[Any], Select[Any]]:
    """Build the queries for the titles and the identifiers of the film `:film`, once for all."""
    titles: Any = select(*map(col, (FilmTitle.title, FilmTitle.kind, FilmTitle.language)))
    numbers: Any = select(*map(col, (FilmIdentifier.scheme, FilmIdentifier.value)))
    return (
        titles.where(col(FilmTitle.film_id) == bindparam("film")).order_by(col(FilmTitle.id)),
        numbers.where(col(FilmIdentifier.film_id) == bindparam("film")).order_by(col(FilmIdentifier.id)),
    )


def build_film_fields(db: Session, film: Film) -> JsonObject:
    """Return the fields of `FilmAnswer` that come from the film itself."""
    title_query, identifier_query = _build_film_queries()
    titles = [
        Title(title=title, kind=kind, language=language) for title, kind, language in db.execute(title_query, {"film": film.id})
    ]
    identifiers: dict[str, list[str]] = {}
    for scheme, value in db.execute(identifier_query, {"film": film.id}):
        identifiers.setdefault(scheme, []).append(value)
    return build_film_name(film) | {
        "titles": titles,
        "identifiers": identifiers,
        "release_date": format_day(film.release_date),
        "runtime_min": film.runtime_min,
        "countries": film.countries,
        "kind": film.kind,
        "updated": format_iso(film.updated_at),
    }


def build_order(at: datetime) -> Order:
    """Return the period of the neutral order that holds a moment."""
    return Order(drawn_at=format_iso(get_period_start(at)) or "", period_seconds=PERIOD_SECONDS, label=format_draw_period(at))


def build_offers(offers: list[AvailableOffer]) -> list[Offer]:
    """Return offers from free to bought, services in the order given."""
    return [Offer(**build_offer_fields(available)) for _, group in group_by_access(offers) for available in group]


def build_offer_fields(available: AvailableOffer) -> JsonObject:
    """Return the fields of `Offer`."""
    offer = available.offer
    judgement = available.judgement
    return {
        "id": offer.id,
        "platform": PlatformName(slug=available.platform.slug, name=available.platform.name),
        "access": offer.access,
        "access_label": ACCESS_LABELS[offer.access],
        "price": format_decimal_price(offer.price_cents),
        "price_cents": offer.price_cents,
        "currency": offer.currency,
        "price_label": format_price(offer),
        "quality": offer.quality,
        "languages": offer.languages,
        "audio_description": offer.audio_description,
        "sdh": offer.sdh,
        "edition": offer.edition,
        "starts": format_iso(offer.starts),
        "ends": format_iso(offer.ends),
        "url": get_offer_url(available),
        "first_seen": format_iso(offer.first_seen),
        "last_seen": format_iso(offer.last_seen),
        "run": offer.last_run_id,
        "link": Link(
            decided_by="agent" if judgement.by_person else format_author(judgement, {}),
            decided_at=format_iso(judgement.decided_at) or "",
            probability=judgement.probability,
            reason=explain_decision(judgement),
        ),
    }
