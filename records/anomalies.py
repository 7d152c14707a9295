"""Offers seen before their window: most often a wrong link or a wrong day of release; agents look, the public sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, func, or_
from sqlmodel import Session, col, select

from records.absence import LATE, Seen, too_early
from records.availability import is_open, linked
from records.catalogue import Entry, Offer, Platform
from records.desk import ReviewCase
from records.films import Film
from records.hours import day_in_paris
from records.links import Judgement
from records.vocabulary import Access
from records.windows import add_months

RECENT = 40
"""Months: a film released longer ago has every window open."""


@dataclass(frozen=True)
class EarlyOffer:
    """A film at a service under one access, first seen on `seen` when it was allowed from `allowed` on.

    `stands` tells whether it is still offered, `waits` whether a case about the entry waits at the desk.
    """

    film: Film
    platform: Platform
    entry: Entry
    judgement: Judgement
    access: Access
    seen: date
    allowed: date
    stands: bool
    waits: bool


def early_offers(session: Session, at: datetime) -> list[EarlyOffer]:
    """The offers seen too early of films released in the last forty months, the latest seen first."""
    return sorted(_early(session, at), key=lambda early: (early.seen, early.film.id), reverse=True)


def _early(session: Session, at: datetime) -> Iterator[EarlyOffer]:
    since = add_months(day_in_paris(at), -RECENT)
    by_year = or_(col(Film.year) >= since.year - LATE, col(Film.year).is_(None))  # the index of years spares reading all films
    recent = and_(by_year, col(Film.release_date) >= since)
    films = {film.id: film for film in session.exec(select(Film).where(recent))}
    opened = case((col(Offer.starts) > col(Offer.first_seen), col(Offer.starts)), else_=col(Offer.first_seen))
    stands = func.max(case((is_open(at), 1), else_=0))
    columns = (col(Film.id), col(Judgement.id), col(Platform.slug), col(Offer.access))
    told = select(*columns, func.min(opened), stands)  # type: ignore[call-overload]
    asked = linked(told).join(Film, col(Judgement.film_id) == col(Film.id))
    for film_id, judgement_id, slug, access, first, still in session.exec(asked.where(recent).group_by(*columns)).all():
        day = day_in_paris(first)
        if allowed := too_early(films[film_id], Seen(access, slug, day)):
            yield _whole(session, films[film_id], session.get_one(Judgement, judgement_id), access, day, allowed, bool(still))


def _whole(
    session: Session, film: Film, judgement: Judgement, access: Access, seen: date, allowed: date, stands: bool
) -> EarlyOffer:
    entry = session.get_one(Entry, judgement.entry_id)
    platform = session.get_one(Platform, entry.platform_id)
    waiting = select(ReviewCase.id).where(ReviewCase.entry_id == entry.id, col(ReviewCase.closed).is_(None))
    waits = session.exec(waiting).first() is not None
    return EarlyOffer(film, platform, entry, judgement, access, seen, allowed, stands, waits)
