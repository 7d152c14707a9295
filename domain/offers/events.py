"""What happened to a film: when it came to a service under one access, when it left, when it came back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain.common.enums import Access
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.arrivals import list_first_run_ids
from domain.offers.availability import join_linked_offers


@dataclass(frozen=True)
class FilmEvent:
    """A film that came to a service under one access, or left it. `seen_first`: it was there before the first collection."""

    film_id: int
    platform_id: int
    access: Access
    occurred_at: datetime
    is_opening: bool
    predates_collection: bool = False


def list_film_events(session: Session, film_ids: Iterable[int], at: datetime) -> list[FilmEvent]:
    """All that happened to some films until a moment, the latest first: a price that changes is no event, a return is one."""
    firsts = list_first_run_ids(session)
    asked: Any = select(col(Judgement.film_id), col(Platform.id), Offer)
    periods: dict[tuple[int, int, Access], list[Offer]] = {}
    for film, platform, offer in session.execute(join_linked_offers(asked).where(col(Judgement.film_id).in_(list(film_ids)))):
        periods.setdefault((film, platform, offer.access), []).append(offer)
    found: list[FilmEvent] = []
    for way, offers in periods.items():
        for began, over, first in _merge_periods(offers, firsts):
            found.append(FilmEvent(*way, began, is_opening=True, predates_collection=first))
            found += [FilmEvent(*way, over, is_opening=False)] if over else []
    return sorted((event for event in found if event.occurred_at <= at), key=lambda event: event.occurred_at, reverse=True)


def _merge_periods(offers: Iterable[Offer], firsts: list[int | None]) -> list[tuple[datetime, datetime | None, bool]]:
    """The stretches of time that offers of one way cover: from, to (None: still), whether it began at a first collection."""
    found: list[tuple[datetime, datetime | None, bool]] = []
    for offer in sorted(offers, key=_get_start):
        over = min(filter(None, (offer.ends, offer.closed_at)), default=None)
        began, first = _get_start(offer), offer.first_run_id in firsts and _get_start(offer) == offer.first_seen
        if over and over <= began:
            continue
        if found and (found[-1][1] is None or found[-1][1] >= began):
            earlier, until, was_first = found.pop()
            found.append((earlier, None if over is None or until is None else max(over, until), was_first))
        else:
            found.append((began, over, first))
    return found


def _get_start(offer: Offer) -> datetime:
    return max(filter(None, (offer.first_seen, offer.starts)))
