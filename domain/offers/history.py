"""List the offers that a film had."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from domain.common.enums import Access
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import AvailableOffer, join_linked_offers


@dataclass(frozen=True)
class PastOffer:
    """Represent a service that no longer offers a film under an access, and when the offer was last seen."""

    slug: str
    name: str
    access: Access
    last_seen: datetime


def list_past_offers(
    session: Session, film_id: int, at: datetime, current: Container[tuple[str, Access]], limit: int
) -> list[PastOffer]:
    """Return the services that offered a film and no longer do, the latest first.

    `current` holds the (platform slug, access) pairs that still do. Services that may not be shown any more are left out.
    """
    is_over = or_(col(Offer.closed_at) <= at, col(Offer.ends) <= at)
    stmt = join_linked_offers(select(Platform.slug, Platform.name, Offer.access, func.max(Offer.last_seen)))
    stmt = stmt.where(is_over, col(Judgement.film_id) == film_id, col(Offer.last_seen) <= at)
    rows = session.exec(stmt.group_by(Platform.slug, Platform.name, Offer.access))
    past_offers = [
        PastOffer(slug, name, Access(access), last_seen)
        for slug, name, access, last_seen in rows
        if (slug, access) not in current
    ]
    return sorted(past_offers, key=lambda offer: (offer.last_seen, offer.slug), reverse=True)[:limit]


def list_offer_periods(session: Session, film_id: int, at: datetime) -> list[AvailableOffer]:
    """Return every period of a film's offers that had begun at a moment, over or not, the oldest first."""
    stmt = join_linked_offers(select(Offer, Entry, Platform, Judgement))
    stmt = stmt.where(col(Judgement.film_id) == film_id, col(Offer.first_seen) <= at)
    rows = session.exec(stmt.order_by(col(Offer.first_seen), col(Offer.id)))
    return [AvailableOffer(*row) for row in rows]
