"""List offers seen before their window, for agents: most often a wrong link or a wrong release date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import case, func, or_
from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
from domain.common.enums import Access
from domain.common.paris_time import get_paris_date
from domain.linking.cases import is_open_case
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.offers.availability import get_first_open_at, is_open, join_linked_offers
from domain.windows.absence import RERELEASE_AFTER_YEARS, OfferSighting, get_violated_opening
from domain.windows.rules import add_months

RECENT_MONTHS = 40
"""Months: a film released longer ago has every window open."""
_BATCH_SIZE = 500


@dataclass(frozen=True)
class EarlyOffer:
    """Represent a film on a service under one access, first seen on a day before the one when it was allowed.

    `still_open` tells whether it is still offered, `has_open_case` whether a review case about its entry is open.
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
    """Count the offers seen too early, with the latest of them."""

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
    """Return the offers seen too early of films released in the last forty months, the latest seen first."""
    since = add_months(get_paris_date(at), -RECENT_MONTHS)
    # The index of years spares reading all films.
    is_recent = or_(col(Film.year) >= since.year - RERELEASE_AFTER_YEARS, col(Film.year).is_(None))
    films = {film.id: film for film in session.exec(select(Film).where(is_recent, col(Film.release_date) >= since))}
    sightings = list(_iter_early_sightings(session, films, at))
    sightings.sort(key=lambda sighting: (sighting.first_seen_on, sighting.film.id), reverse=True)
    return Anomalies(len(sightings), [_load_early_offer(session, sighting) for sighting in sightings[:limit]])


def _iter_early_sightings(session: Session, films: dict[int, Film], at: datetime) -> Iterator[_EarlySighting]:
    keys = (col(Judgement.film_id), col(Judgement.id), col(Platform.slug), col(Offer.access))
    first_open_at = func.min(get_first_open_at())
    still_open = func.max(case((is_open(at), 1), else_=0))
    stmt = join_linked_offers(select(*keys, first_open_at, still_open)).group_by(*keys)  # type: ignore[call-overload]
    for batch in iter_batches(sorted(films), _BATCH_SIZE):
        rows = session.exec(stmt.where(col(Judgement.film_id).in_(batch))).all()
        for film_id, judgement_id, slug, access, opened_at, is_still_open in rows:
            first_seen_on = get_paris_date(opened_at)
            allowed_on = get_violated_opening(films[film_id], OfferSighting(access, slug, first_seen_on))
            if allowed_on:
                yield _EarlySighting(first_seen_on, films[film_id], judgement_id, access, allowed_on, bool(is_still_open))


def _load_early_offer(session: Session, sighting: _EarlySighting) -> EarlyOffer:
    judgement = session.get_one(Judgement, sighting.judgement_id)
    entry = session.get_one(Entry, judgement.entry_id)
    open_case = select(ReviewCase.id).where(ReviewCase.entry_id == entry.id, is_open_case())
    return EarlyOffer(
        film=sighting.film,
        platform=session.get_one(Platform, entry.platform_id),
        entry=entry,
        judgement=judgement,
        access=sighting.access,
        first_seen_on=sighting.first_seen_on,
        allowed_on=sighting.allowed_on,
        still_open=sighting.still_open,
        has_open_case=session.exec(open_case).first() is not None,
    )
