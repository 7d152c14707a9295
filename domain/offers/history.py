"""Where a film used to be offered."""

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
    """A service that no longer offers a film under an access, and when it was last seen to."""

    slug: str
    name: str
    access: Access
    last_seen: datetime


def list_past_offers(
    session: Session, film_id: int, at: datetime, current: Container[tuple[str, Access]], limit: int
) -> list[PastOffer]:
    """Services that offered the film and do so no longer, the latest first; `current` are those that do (slug, access).

    Services that may not be shown any more are left out.
    """
    over = or_(col(Offer.closed_at) <= at, col(Offer.ends) <= at)
    asked = join_linked_offers(select(Platform.slug, Platform.name, Offer.access, func.max(Offer.last_seen))).where(over)
    asked = asked.where(col(Judgement.film_id) == film_id, col(Offer.last_seen) <= at)
    found = session.exec(asked.group_by(Platform.slug, Platform.name, Offer.access))
    past = [PastOffer(slug, name, Access(access), seen) for slug, name, access, seen in found if (slug, access) not in current]
    return sorted(past, key=lambda one: (one.last_seen, one.slug), reverse=True)[:limit]


def list_offer_periods(session: Session, film_id: int, at: datetime) -> list[AvailableOffer]:
    """Every period of the film's offers that had begun at a moment, over or not, the oldest first."""
    begun = (col(Judgement.film_id) == film_id, col(Offer.first_seen) <= at)
    asked = join_linked_offers(select(Offer, Entry, Platform, Judgement)).where(*begun)
    found = session.exec(asked.order_by(col(Offer.first_seen), col(Offer.id)))
    return [AvailableOffer(*row) for row in found]
