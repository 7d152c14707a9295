"""From records to what the API tells of them."""

from datetime import date, datetime
from functools import cache
from typing import Any

from flask import url_for
from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from domain.common.isoformat import iso
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.offers.availability import AvailableOffer
from domain.offers.neutral_order import PERIOD_SECONDS, period_start
from domain.offers.schema_org import plain_price
from webapp.api.film_schemas import Link, Offer, Order, PlatformName, Title
from webapp.core.offer_labels import ACCESSES, address, draw_label, grouped, price

Facts = dict[str, Any]


def day(told: date | None) -> str | None:
    """A day for programs."""
    return told.isoformat() if told else None


def named(film: Film) -> Facts:
    """The facts of `FilmName`."""
    return {
        "id": film.id,
        "title": film.title,
        "original_title": film.original_title,
        "year": film.year,
        "directors": film.directors,
        "page": url_for("films.film", film_id=film.id, slug=film.slug, _external=True),
    }


def details(film: Film) -> str:
    """Where the API tells all of a film."""
    return url_for("api.film", film_id=film.id, _external=True)


@cache
def _titles_and_numbers() -> tuple[Select[Any], Select[Any]]:
    """What is asked of « film », written once."""
    titles: Any = select(*map(col, (FilmTitle.title, FilmTitle.kind, FilmTitle.language)))
    numbers: Any = select(*map(col, (FilmIdentifier.scheme, FilmIdentifier.value)))
    return (
        titles.where(col(FilmTitle.film_id) == bindparam("film")).order_by(col(FilmTitle.id)),
        numbers.where(col(FilmIdentifier.film_id) == bindparam("film")).order_by(col(FilmIdentifier.id)),
    )


def described(db: Session, film: Film) -> Facts:
    """The facts of `FilmAnswer` that are the film's own."""
    titles, numbers = _titles_and_numbers()
    identifiers: dict[str, list[str]] = {}
    for scheme, value in db.execute(numbers, {"film": film.id}):
        identifiers.setdefault(scheme, []).append(value)
    return named(film) | {
        "titles": [Title(title=title, kind=kind, language=told) for title, kind, told in db.execute(titles, {"film": film.id})],
        "identifiers": identifiers,
        "release_date": day(film.release_date),
        "runtime_min": film.runtime_min,
        "countries": film.countries,
        "kind": film.kind,
        "updated": iso(film.updated),
    }


def order(at: datetime) -> Order:
    """The period of the neutral order that holds a moment."""
    return Order(drawn_at=iso(period_start(at)) or "", period_seconds=PERIOD_SECONDS, label=draw_label(at))


def in_order(offers: list[AvailableOffer]) -> list[Offer]:
    """Offers from free to bought, services in the order they came."""
    return [Offer(**evidence(shown)) for _, group in grouped(offers) for shown in group]


def evidence(shown: AvailableOffer) -> Facts:
    """The facts of `Offer`."""
    offer, judgement = shown.offer, shown.judgement
    return {
        "id": offer.id,
        "platform": PlatformName(slug=shown.platform.slug, name=shown.platform.name),
        "access": offer.access,
        "access_label": ACCESSES[offer.access],
        "price": plain_price(offer.price_cents),
        "price_cents": offer.price_cents,
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
        "link": Link(
            decided_by="agent" if judgement.by_person else judgement.who,
            decided_at=iso(judgement.decided_at) or "",
            probability=judgement.probability,
            reason=judgement.reason,
        ),
    }
