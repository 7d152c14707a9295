"""List every change visible to the public in one stable order: films, links between entries and films, offers.

What a run opened or closed is dated by the acceptance of the run, not by the reading of the service: a run may wait for a person.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.common.enums import CloseReason, RunState
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import AvailableOffer, is_shown, join_linked_offers

_NOT_CLOSINGS = (CloseReason.TERMS_CHANGED, CloseReason.BROKEN_LINK)
"""Ends of periods that this stream leaves out: the first belongs to the next period, the second to no run."""


class ChangeKind(StrEnum):
    """Name what changed, as the API publishes it."""

    FILM_CHANGED = "film-changed"
    LINK_CHANGED = "link-changed"
    OFFER_OPENED = "offer-opened"
    OFFER_CHANGED = "offer-changed"
    OFFER_CLOSED = "offer-closed"


class _Stream(IntEnum):
    """Order the kinds of rows that changes are read from, within one moment. Cursors publish these numbers: never renumber."""

    FILMS = 0
    LINKS = 1
    OPENED_OFFERS = 2
    CLOSED_OFFERS = 3
    BROKEN_OFFERS = 4


@dataclass(frozen=True, order=True)
class Cursor:
    """Represent the position of a change: its moment, the stream it is read from, then the ids of the row."""

    changed_at: datetime
    stream: int = -1
    first_id: int = 0
    second_id: int = 0


@dataclass(frozen=True)
class Change:
    """Represent one change.

    `film_id` is the film after the change; `previous_film_id`, of a link, the film before it; `previous_offer`, of an offer
    that changed, its old terms.
    """

    cursor: Cursor
    kind: ChangeKind
    film_id: int | None
    previous_film_id: int | None = None
    platform: Platform | None = None
    available_offer: AvailableOffer | None = None
    previous_offer: Offer | None = None


def list_changes(
    session: Session, after: Cursor, until: datetime, limit: int, kinds: Collection[ChangeKind] = tuple(ChangeKind)
) -> list[Change]:
    """Return the changes of some kinds that follow a cursor, until a moment: the oldest first, at most `limit`."""
    streams = [
        iter_changes(session, after, until, limit, kinds)
        for stream_kinds, iter_changes in _STREAMS
        if not set(stream_kinds).isdisjoint(kinds)
    ]
    return list(islice(merge(*streams, key=lambda change: change.cursor), limit))


def _is_after(after: Cursor, stream: _Stream, moment: Any, first_id: Any, second_id: Any = None) -> ColumnElement[bool]:
    """Return the SQL condition that a row of a stream follows a cursor."""
    is_later: ColumnElement[bool] = moment > after.changed_at
    is_not_earlier: ColumnElement[bool] = moment >= after.changed_at
    if after.stream > stream:
        return is_later
    if after.stream < stream:
        return is_not_earlier
    has_greater_id = first_id > after.first_id
    if second_id is not None:
        has_greater_id = or_(has_greater_id, and_(first_id == after.first_id, second_id > after.second_id))
    return and_(is_not_earlier, or_(is_later, has_greater_id))


def _iter_film_changes(
    session: Session, after: Cursor, until: datetime, limit: int, _kinds: Collection[ChangeKind]
) -> Iterator[Change]:
    moment, film_id = col(Film.updated_at), col(Film.id)
    stmt = select(moment, film_id).where(moment <= until, _is_after(after, _Stream.FILMS, moment, film_id))
    for updated_at, changed_id in session.execute(stmt.order_by(moment, film_id).limit(limit)):
        yield Change(Cursor(updated_at, _Stream.FILMS, changed_id), ChangeKind.FILM_CHANGED, changed_id)


def _iter_link_changes(
    session: Session, after: Cursor, until: datetime, limit: int, _kinds: Collection[ChangeKind]
) -> Iterator[Change]:
    moment, judgement_id = col(Judgement.decided_at), col(Judgement.id)
    earlier, previous = aliased(Judgement), aliased(Judgement)
    previous_id = (
        select(func.max(col(earlier.id)))
        .where(col(earlier.entry_id) == col(Judgement.entry_id), col(earlier.id) < judgement_id)
        .correlate(Judgement)
        .scalar_subquery()
    )
    stmt = (
        select(moment, judgement_id, col(Judgement.film_id), col(previous.film_id), Platform)
        .join(Entry, col(Entry.id) == col(Judgement.entry_id))
        .join(Platform, col(Platform.id) == col(Entry.platform_id))
        .outerjoin(previous, col(previous.id) == previous_id)
        .where(moment <= until, _is_after(after, _Stream.LINKS, moment, judgement_id), is_shown())
        .where(col(Judgement.film_id).is_distinct_from(col(previous.film_id)))
        .order_by(moment, judgement_id)
    )
    for decided_at, decision_id, film_id, previous_film_id, platform in session.execute(stmt.limit(limit)):
        cursor = Cursor(decided_at, _Stream.LINKS, decision_id)
        yield Change(cursor, ChangeKind.LINK_CHANGED, film_id, previous_film_id, platform)


def _iter_opened_offers(
    session: Session, after: Cursor, until: datetime, limit: int, kinds: Collection[ChangeKind]
) -> Iterator[Change]:
    previous = aliased(Offer)
    is_previous = and_(
        col(previous.entry_id) == col(Offer.entry_id),
        col(previous.identity) == col(Offer.identity),
        # Not « = »: the index of closings would be taken for it, and a run may close thousands.
        col(previous.closed_at).is_not_distinct_from(col(Run.started_at)),
        col(previous.closed_why) == CloseReason.TERMS_CHANGED,
    )
    stmt: Any = select(col(Run.ended_at), col(Run.id), Offer, Entry, Platform, Judgement, previous)
    stmt = join_linked_offers(stmt).join(Run, col(Run.id) == col(Offer.first_run_id)).outerjoin(previous, is_previous)
    if ChangeKind.OFFER_OPENED not in kinds:
        stmt = stmt.where(col(previous.id).is_not(None))
    if ChangeKind.OFFER_CHANGED not in kinds:
        stmt = stmt.where(col(previous.id).is_(None))
    stmt = _filter_accepted_runs(stmt, after, _Stream.OPENED_OFFERS, until).limit(limit)
    for ended_at, run_id, *row, previous_offer in session.execute(stmt):
        opened = AvailableOffer(*row)
        assert opened.offer.id is not None
        kind = ChangeKind.OFFER_CHANGED if previous_offer else ChangeKind.OFFER_OPENED
        cursor = Cursor(ended_at, _Stream.OPENED_OFFERS, run_id, opened.offer.id)
        yield _build_offer_change(cursor, kind, opened, previous_offer)


def _iter_closed_offers(
    session: Session, after: Cursor, until: datetime, limit: int, _kinds: Collection[ChangeKind]
) -> Iterator[Change]:
    closed_by_run = and_(col(Run.platform_id) == col(Entry.platform_id), col(Run.started_at) == col(Offer.closed_at))
    stmt: Any = select(col(Run.ended_at), col(Run.id), Offer, Entry, Platform, Judgement)
    stmt = (
        join_linked_offers(stmt)
        .join(Run, closed_by_run)
        .where(col(Offer.closed_at).is_not(None), col(Offer.closed_why).not_in(_NOT_CLOSINGS))
    )
    stmt = _filter_accepted_runs(stmt, after, _Stream.CLOSED_OFFERS, until).limit(limit)
    for ended_at, run_id, *row in session.execute(stmt):
        closed = AvailableOffer(*row)
        assert closed.offer.id is not None
        cursor = Cursor(ended_at, _Stream.CLOSED_OFFERS, run_id, closed.offer.id)
        yield _build_offer_change(cursor, ChangeKind.OFFER_CLOSED, closed)


def _iter_broken_offers(
    session: Session, after: Cursor, until: datetime, limit: int, _kinds: Collection[ChangeKind]
) -> Iterator[Change]:
    """Yield the offers closed by the check of their links rather than by a run."""
    moment, offer_id = col(Offer.closed_at), col(Offer.id)
    stmt = join_linked_offers(select(Offer, Entry, Platform, Judgement))
    stmt = stmt.where(col(Offer.closed_why) == CloseReason.BROKEN_LINK, moment <= until)
    stmt = stmt.where(_is_after(after, _Stream.BROKEN_OFFERS, moment, offer_id)).order_by(moment, offer_id).limit(limit)
    for row in session.execute(stmt):
        broken = AvailableOffer(*row)
        assert broken.offer.closed_at is not None and broken.offer.id is not None
        cursor = Cursor(broken.offer.closed_at, _Stream.BROKEN_OFFERS, broken.offer.id)
        yield _build_offer_change(cursor, ChangeKind.OFFER_CLOSED, broken)


def _filter_accepted_runs(query: Select[Any], after: Cursor, stream: _Stream, until: datetime) -> Select[Any]:
    """Restrict a query on offers and runs to accepted runs after a cursor, in the order of the stream."""
    moment, run_id, offer_id = col(Run.ended_at), col(Run.id), col(Offer.id)
    is_after = _is_after(after, stream, moment, run_id, offer_id)
    query = query.where(col(Run.state) == RunState.ACCEPTED, moment <= until, is_after)
    return query.order_by(moment, run_id, offer_id)


def _build_offer_change(
    cursor: Cursor, kind: ChangeKind, available_offer: AvailableOffer, previous_offer: Offer | None = None
) -> Change:
    return Change(
        cursor,
        kind,
        available_offer.judgement.film_id,
        platform=available_offer.platform,
        available_offer=available_offer,
        previous_offer=previous_offer,
    )


_ChangeIterator = Callable[[Session, Cursor, datetime, int, Collection[ChangeKind]], Iterator[Change]]
_STREAMS: tuple[tuple[tuple[ChangeKind, ...], _ChangeIterator], ...] = (
    ((ChangeKind.FILM_CHANGED,), _iter_film_changes),
    ((ChangeKind.LINK_CHANGED,), _iter_link_changes),
    ((ChangeKind.OFFER_OPENED, ChangeKind.OFFER_CHANGED), _iter_opened_offers),
    ((ChangeKind.OFFER_CLOSED,), _iter_closed_offers),
    ((ChangeKind.OFFER_CLOSED,), _iter_broken_offers),
)
"""The readers of each stream, with the kinds of changes it gives."""
