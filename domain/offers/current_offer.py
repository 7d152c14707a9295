"""Where an offer seen on a page leads to now: the page may be minutes old, and the offer have changed since."""

from datetime import datetime

from sqlmodel import Session, and_, col, select

from domain.common.enums import Verdict
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import AvailableOffer, is_open, join_linked_offers


def get_current_offer(session: Session, offer_id: int, at: datetime) -> AvailableOffer | None:
    """The offer of that number if the public may be shown it at a moment, or the one that took its place: other price or dates.

    None when it is over, not begun, or no longer linked to a film.
    """
    seen = select(Offer.entry_id, Offer.identity).where(Offer.id == offer_id).subquery()
    same = and_(col(Offer.entry_id) == seen.c.entry_id, col(Offer.identity) == seen.c.identity)
    asked = join_linked_offers(select(Offer, Entry, Platform, Judgement)).join(seen, same).where(is_open(at))
    found = session.exec(asked.order_by(col(Offer.id).desc()).limit(1)).first()
    return AvailableOffer(*found) if found else None


def get_film_of_offer(session: Session, offer_id: int) -> Film | None:
    """The film that the offer's line of catalogue is said to be today."""
    alive = and_(live_judgement(), col(Judgement.verdict) == Verdict.SAME)
    asked = select(Film).join(Judgement, col(Judgement.film_id) == col(Film.id)).where(alive)
    return session.exec(asked.join(Offer, col(Offer.entry_id) == col(Judgement.entry_id)).where(Offer.id == offer_id)).first()
