"""Find where an offer seen on a page leads now: the page may be minutes old, and the offer have changed since."""

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
    """Return the offer of an id, or the one that replaced it with another price or dates, if it is available at a moment.

    Return None when it is over, has not begun, or is no longer linked to a film.
    """
    seen = select(Offer.entry_id, Offer.identity).where(Offer.id == offer_id).subquery()
    is_same = and_(col(Offer.entry_id) == seen.c.entry_id, col(Offer.identity) == seen.c.identity)
    stmt = join_linked_offers(select(Offer, Entry, Platform, Judgement)).join(seen, is_same).where(is_open(at))
    row = session.exec(stmt.order_by(col(Offer.id).desc()).limit(1)).first()
    if row is None:
        return None
    return AvailableOffer(*row)


def get_film_of_offer(session: Session, offer_id: int) -> Film | None:
    """Return the film that the entry of an offer is linked to today."""
    alive = and_(live_judgement(), col(Judgement.verdict) == Verdict.SAME)
    stmt = select(Film).join(Judgement, col(Judgement.film_id) == col(Film.id)).where(alive)
    stmt = stmt.join(Offer, col(Offer.entry_id) == col(Judgement.entry_id)).where(Offer.id == offer_id)
    return session.exec(stmt).first()
