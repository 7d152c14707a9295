"""All that changed for the public, in one order that never moves: films, links between lines and films, offers.

What a run opened or closed happened when the run was accepted, not when it read the service: a run may wait for a person.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.common.enums import RunState
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import AvailableOffer, is_shown, linked
from domain.runs.offer_periods import BROKEN, CHANGED


class ChangeKind(StrEnum):
    """What changed."""

    FILM_CHANGED = "film-changed"
    LINK_CHANGED = "link-changed"
    OFFER_OPENED = "offer-opened"
    OFFER_CHANGED = "offer-changed"
    OFFER_CLOSED = "offer-closed"


@dataclass(frozen=True, order=True)
class Place:
    """Where a change stands: its moment, then what kind of record tells it, then that record's numbers."""

    moment: datetime
    stream: int = -1
    first: int = 0
    second: int = 0


@dataclass(frozen=True)
class Change:
    """One change. `film_id` is the film since then, of a link `previous_film_id` the one before; `before`: old terms."""

    place: Place
    kind: ChangeKind
    film_id: int | None
    previous_film_id: int | None = None
    platform: Platform | None = None
    shown: AvailableOffer | None = None
    before: Offer | None = None


def changes(
    session: Session, after: Place, until: datetime, most: int, kinds: Collection[ChangeKind] = tuple(ChangeKind)
) -> list[Change]:
    """The changes that follow a place, until a moment, of some kinds; the oldest first, so many at most."""
    found = [stream(session, after, until, most, kinds) for told, stream in _STREAMS if set(told) & set(kinds)]
    return list(islice(merge(*found, key=lambda change: change.place), most))


def _later(after: Place, stream: int, moment: Any, first: Any, second: Any = None) -> ColumnElement[bool]:
    """Whether a row of a stream follows a place, as an SQL condition."""
    if after.stream != stream:
        found: ColumnElement[bool] = moment > after.moment if after.stream > stream else moment >= after.moment
        return found
    further = first > after.first
    if second is not None:
        further = or_(further, and_(first == after.first, second > after.second))
    return and_(moment >= after.moment, or_(moment > after.moment, further))


def _films(session: Session, after: Place, until: datetime, most: int, _: Collection[ChangeKind]) -> Iterator[Change]:
    moment, number = col(Film.updated), col(Film.id)
    asked = select(moment, number).where(moment <= until, _later(after, 0, moment, number))
    for at, film in session.execute(asked.order_by(moment, number).limit(most)):
        yield Change(Place(at, 0, film), ChangeKind.FILM_CHANGED, film)


def _links(session: Session, after: Place, until: datetime, most: int, _: Collection[ChangeKind]) -> Iterator[Change]:
    moment, number, other = col(Judgement.decided_at), col(Judgement.id), aliased(Judgement)
    last = select(func.max(col(other.id))).where(col(other.entry_id) == col(Judgement.entry_id), col(other.id) < number)
    before = aliased(Judgement)
    asked = (
        select(moment, number, col(Judgement.film_id), col(before.film_id), Platform)
        .join(Entry, col(Entry.id) == col(Judgement.entry_id))
        .join(Platform, col(Platform.id) == col(Entry.platform_id))
        .outerjoin(before, col(before.id) == last.correlate(Judgement).scalar_subquery())
        .where(moment <= until, _later(after, 1, moment, number), is_shown())
        .where(col(Judgement.film_id).is_distinct_from(col(before.film_id)))
    )
    for at, judgement, film, earlier, platform in session.execute(asked.order_by(moment, number).limit(most)):
        yield Change(Place(at, 1, judgement), ChangeKind.LINK_CHANGED, film, earlier, platform)


def _opened(session: Session, after: Place, until: datetime, most: int, kinds: Collection[ChangeKind]) -> Iterator[Change]:
    before = aliased(Offer)
    changed = and_(
        col(before.entry_id) == col(Offer.entry_id),
        col(before.identity) == col(Offer.identity),
        # Not « = »: the index of closings would be taken for it, and a run may close thousands.
        col(before.closed_at).is_not_distinct_from(col(Run.started)),
        col(before.closed_why) == CHANGED,
    )
    asked: Any = select(col(Run.ended), col(Run.id), Offer, Entry, Platform, Judgement, before)
    asked = linked(asked).join(Run, col(Run.id) == col(Offer.first_run_id)).outerjoin(before, changed)
    if ChangeKind.OFFER_OPENED not in kinds:
        asked = asked.where(col(before.id).is_not(None))
    if ChangeKind.OFFER_CHANGED not in kinds:
        asked = asked.where(col(before.id).is_(None))
    for at, run, *row, earlier in session.execute(_of_runs(asked, after, 2, until).limit(most)):
        kind = ChangeKind.OFFER_CHANGED if earlier else ChangeKind.OFFER_OPENED
        yield _of_offer(Place(at, 2, run, row[0].id), kind, AvailableOffer(*row), earlier)


def _closed(session: Session, after: Place, until: datetime, most: int, _: Collection[ChangeKind]) -> Iterator[Change]:
    by = and_(col(Run.platform_id) == col(Entry.platform_id), col(Run.started) == col(Offer.closed_at))
    asked: Any = select(col(Run.ended), col(Run.id), Offer, Entry, Platform, Judgement)
    asked = linked(asked).join(Run, by).where(col(Offer.closed_at).is_not(None), col(Offer.closed_why).not_in((CHANGED, BROKEN)))
    for at, run, *row in session.execute(_of_runs(asked, after, 3, until).limit(most)):
        yield _of_offer(Place(at, 3, run, row[0].id), ChangeKind.OFFER_CLOSED, AvailableOffer(*row))


def _hidden(session: Session, after: Place, until: datetime, most: int, _: Collection[ChangeKind]) -> Iterator[Change]:
    """Offers that no run closed, but the check of their links."""
    moment, number = col(Offer.closed_at), col(Offer.id)
    asked = linked(select(Offer, Entry, Platform, Judgement)).where(col(Offer.closed_why) == BROKEN, moment <= until)
    for row in session.execute(asked.where(_later(after, 4, moment, number)).order_by(moment, number).limit(most)):
        shown = AvailableOffer(*row)
        yield _of_offer(Place(shown.offer.closed_at or until, 4, shown.offer.id or 0), ChangeKind.OFFER_CLOSED, shown)


def _of_runs(asked: Select[Any], after: Place, stream: int, until: datetime) -> Select[Any]:
    moment, run, offer = col(Run.ended), col(Run.id), col(Offer.id)
    asked = asked.where(col(Run.state) == RunState.ACCEPTED, moment <= until, _later(after, stream, moment, run, offer))
    return asked.order_by(moment, run, offer)


def _of_offer(place: Place, kind: ChangeKind, shown: AvailableOffer, before: Offer | None = None) -> Change:
    return Change(place, kind, shown.judgement.film_id, platform=shown.platform, shown=shown, before=before)


_Stream = Callable[[Session, Place, datetime, int, Collection[ChangeKind]], Iterator[Change]]
_STREAMS: list[tuple[tuple[ChangeKind, ...], _Stream]] = [
    ((ChangeKind.FILM_CHANGED,), _films),
    ((ChangeKind.LINK_CHANGED,), _links),
    ((ChangeKind.OFFER_OPENED, ChangeKind.OFFER_CHANGED), _opened),
    ((ChangeKind.OFFER_CLOSED,), _closed),
    ((ChangeKind.OFFER_CLOSED,), _hidden),
]
