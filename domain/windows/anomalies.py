"""Offers seen before their window: most often a wrong link or a wrong day of release; agents look, the public sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import case, func, or_
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.paris_time import get_paris_date
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.offers.availability import is_open, join_linked_offers
from domain.windows.absence import RERELEASE_AFTER_YEARS, OfferSighting, get_violated_opening
from domain.windows.rules import add_months

RECENT_MONTHS = 40
"""Months: a film released longer ago has every window open."""
_BATCH = 500


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
    first_seen_on: date
    allowed_on: date
    still_open: bool
    has_open_case: bool


@dataclass(frozen=True)
class Anomalies:
    """How many offers were seen too early, and the last of them."""

    total: int
    latest: list[EarlyOffer]


class _EarlySighting(NamedTuple):
    first_seen_on: date
    film: Film
    judgement_id: int
    access: Access
    allowed_on: date
    still_open: bool


def list_early_offers(session: Session, at: datetime, limit: int = 200) -> Anomalies:
    """The offers seen too early of films released in the last forty months, the latest seen first."""
    since = add_months(get_paris_date(at), -RECENT_MONTHS)
    by_year = or_(
        col(Film.year) >= since.year - RERELEASE_AFTER_YEARS, col(Film.year).is_(None)
    )  # the index of years spares reading all films
    films = {film.id: film for film in session.exec(select(Film).where(by_year, col(Film.release_date) >= since))}
    found = sorted(
        _iter_early_sightings(session, films, at), key=lambda early: (early.first_seen_on, early.film.id), reverse=True
    )
    return Anomalies(len(found), [_load_early_offer(session, early) for early in found[:limit]])


def _iter_early_sightings(session: Session, films: dict[int, Film], at: datetime) -> Iterator[_EarlySighting]:
    opened = case((col(Offer.starts) > col(Offer.first_seen), col(Offer.starts)), else_=col(Offer.first_seen))
    stands = func.max(case((is_open(at), 1), else_=0))
    columns = (col(Judgement.film_id), col(Judgement.id), col(Platform.slug), col(Offer.access))
    asked = join_linked_offers(select(*columns, func.min(opened), stands)).group_by(*columns)  # type: ignore[call-overload]
    numbers = sorted(films)
    for start in range(0, len(numbers), _BATCH):
        some = asked.where(col(Judgement.film_id).in_(numbers[start : start + _BATCH]))
        for film_id, judgement_id, slug, access, first, still in session.exec(some).all():
            film, day = films[film_id], get_paris_date(first)
            if allowed := get_violated_opening(film, OfferSighting(access, slug, day)):
                yield _EarlySighting(day, film, judgement_id, access, allowed, bool(still))


def _load_early_offer(session: Session, early: _EarlySighting) -> EarlyOffer:
    judgement = session.get_one(Judgement, early.judgement_id)
    entry = session.get_one(Entry, judgement.entry_id)
    platform = session.get_one(Platform, entry.platform_id)
    waiting = select(ReviewCase.id).where(ReviewCase.entry_id == entry.id, col(ReviewCase.closed_at).is_(None))
    waits = session.exec(waiting).first() is not None
    return EarlyOffer(
        early.film, platform, entry, judgement, early.access, early.first_seen_on, early.allowed_on, early.still_open, waits
    )
