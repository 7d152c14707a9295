"""From records to what the API tells of them."""

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
    """A day for programs."""
    return value.isoformat() if value else None


def build_film_name(film: Film) -> JsonObject:
    """The facts of `FilmName`."""
    return {
        "id": film.id,
        "title": film.title,
        "original_title": film.original_title,
        "year": film.year,
        "directors": film.directors,
        "page": url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True),
    }


def build_details_url(film: Film) -> str:
    """Where the API tells all of a film."""
    return url_for("api.film", film_id=film.id, _external=True)


@cache
def _build_film_queries() -> tuple[Select[Any], Select[Any]]:
    """What is asked of « film », written once."""
    titles: Any = select(*map(col, (FilmTitle.title, FilmTitle.kind, FilmTitle.language)))
    numbers: Any = select(*map(col, (FilmIdentifier.scheme, FilmIdentifier.value)))
    return (
        titles.where(col(FilmTitle.film_id) == bindparam("film")).order_by(col(FilmTitle.id)),
        numbers.where(col(FilmIdentifier.film_id) == bindparam("film")).order_by(col(FilmIdentifier.id)),
    )


def build_film_fields(db: Session, film: Film) -> JsonObject:
    """The facts of `FilmAnswer` that are the film's own."""
    titles, numbers = _build_film_queries()
    identifiers: dict[str, list[str]] = {}
    for scheme, value in db.execute(numbers, {"film": film.id}):
        identifiers.setdefault(scheme, []).append(value)
    return build_film_name(film) | {
        "titles": [Title(title=title, kind=kind, language=told) for title, kind, told in db.execute(titles, {"film": film.id})],
        "identifiers": identifiers,
        "release_date": format_day(film.release_date),
        "runtime_min": film.runtime_min,
        "countries": film.countries,
        "kind": film.kind,
        "updated": format_iso(film.updated_at),
    }


def build_order(at: datetime) -> Order:
    """The period of the neutral order that holds a moment."""
    return Order(drawn_at=format_iso(get_period_start(at)) or "", period_seconds=PERIOD_SECONDS, label=format_draw_period(at))


def build_offers(offers: list[AvailableOffer]) -> list[Offer]:
    """Offers from free to bought, services in the order they came."""
    return [Offer(**build_offer_fields(shown)) for _, group in group_by_access(offers) for shown in group]


def build_offer_fields(shown: AvailableOffer) -> JsonObject:
    """The facts of `Offer`."""
    offer, judgement = shown.offer, shown.judgement
    return {
        "id": offer.id,
        "platform": PlatformName(slug=shown.platform.slug, name=shown.platform.name),
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
        "url": get_offer_url(shown),
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
