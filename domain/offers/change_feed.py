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
from domain.offers.availability import AvailableOffer, is_shown, join_linked_offers
from domain.runs.offer_periods import CLOSED_BROKEN_LINK, CLOSED_TERMS_CHANGED


class ChangeKind(StrEnum):
    """What changed."""

    FILM_CHANGED = "film-changed"
    LINK_CHANGED = "link-changed"
    OFFER_OPENED = "offer-opened"
    OFFER_CHANGED = "offer-changed"
    OFFER_CLOSED = "offer-closed"


@dataclass(frozen=True, order=True)
class Cursor:
    """Where a change stands: its moment, then what kind of record tells it, then that record's numbers."""

    changed_at: datetime
    stream: int = -1
    first_id: int = 0
    second_id: int = 0


@dataclass(frozen=True)
class Change:
    """One change. `film_id` is the film since then, of a link `previous_film_id` the one before; `before`: old terms."""

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
    """The changes that follow a place, until a moment, of some kinds; the oldest first, so many at most."""
    found = [stream(session, after, until, limit, kinds) for told, stream in _STREAMS if set(told) & set(kinds)]
    return list(islice(merge(*found, key=lambda change: change.cursor), limit))


def _is_after(after: Cursor, stream: int, moment: Any, first: Any, second: Any = None) -> ColumnElement[bool]:
    """Whether a row of a stream follows a place, as an SQL condition."""
    if after.stream != stream:
        found: ColumnElement[bool] = moment > after.changed_at if after.stream > stream else moment >= after.changed_at
        return found
    further = first > after.first_id
    if second is not None:
        further = or_(further, and_(first == after.first_id, second > after.second_id))
    return and_(moment >= after.changed_at, or_(moment > after.changed_at, further))


def _iter_film_changes(
    session: Session, after: Cursor, until: datetime, limit: int, _: Collection[ChangeKind]
) -> Iterator[Change]:
    moment, number = col(Film.updated_at), col(Film.id)
    asked = select(moment, number).where(moment <= until, _is_after(after, 0, moment, number))
    for at, film in session.execute(asked.order_by(moment, number).limit(limit)):
        yield Change(Cursor(at, 0, film), ChangeKind.FILM_CHANGED, film)


def _iter_link_changes(
    session: Session, after: Cursor, until: datetime, limit: int, _: Collection[ChangeKind]
) -> Iterator[Change]:
    moment, number, other = col(Judgement.decided_at), col(Judgement.id), aliased(Judgement)
    last = select(func.max(col(other.id))).where(col(other.entry_id) == col(Judgement.entry_id), col(other.id) < number)
    before = aliased(Judgement)
    asked = (
        select(moment, number, col(Judgement.film_id), col(before.film_id), Platform)
        .join(Entry, col(Entry.id) == col(Judgement.entry_id))
        .join(Platform, col(Platform.id) == col(Entry.platform_id))
        .outerjoin(before, col(before.id) == last.correlate(Judgement).scalar_subquery())
        .where(moment <= until, _is_after(after, 1, moment, number), is_shown())
        .where(col(Judgement.film_id).is_distinct_from(col(before.film_id)))
    )
    for at, judgement, film, earlier, platform in session.execute(asked.order_by(moment, number).limit(limit)):
        yield Change(Cursor(at, 1, judgement), ChangeKind.LINK_CHANGED, film, earlier, platform)


def _iter_opened_offers(
    session: Session, after: Cursor, until: datetime, limit: int, kinds: Collection[ChangeKind]
) -> Iterator[Change]:
    before = aliased(Offer)
    changed = and_(
        col(before.entry_id) == col(Offer.entry_id),
        col(before.identity) == col(Offer.identity),
        # Not « = »: the index of closings would be taken for it, and a run may close thousands.
        col(before.closed_at).is_not_distinct_from(col(Run.started_at)),
        col(before.closed_why) == CLOSED_TERMS_CHANGED,
    )
    asked: Any = select(col(Run.ended_at), col(Run.id), Offer, Entry, Platform, Judgement, before)
    asked = join_linked_offers(asked).join(Run, col(Run.id) == col(Offer.first_run_id)).outerjoin(before, changed)
    if ChangeKind.OFFER_OPENED not in kinds:
        asked = asked.where(col(before.id).is_not(None))
    if ChangeKind.OFFER_CHANGED not in kinds:
        asked = asked.where(col(before.id).is_(None))
    for at, run, *row, earlier in session.execute(_filter_accepted_runs(asked, after, 2, until).limit(limit)):
        kind = ChangeKind.OFFER_CHANGED if earlier else ChangeKind.OFFER_OPENED
        yield _build_offer_change(Cursor(at, 2, run, row[0].id), kind, AvailableOffer(*row), earlier)


def _iter_closed_offers(
    session: Session, after: Cursor, until: datetime, limit: int, _: Collection[ChangeKind]
) -> Iterator[Change]:
    by = and_(col(Run.platform_id) == col(Entry.platform_id), col(Run.started_at) == col(Offer.closed_at))
    asked: Any = select(col(Run.ended_at), col(Run.id), Offer, Entry, Platform, Judgement)
    asked = (
        join_linked_offers(asked)
        .join(Run, by)
        .where(col(Offer.closed_at).is_not(None), col(Offer.closed_why).not_in((CLOSED_TERMS_CHANGED, CLOSED_BROKEN_LINK)))
    )
    for at, run, *row in session.execute(_filter_accepted_runs(asked, after, 3, until).limit(limit)):
        yield _build_offer_change(Cursor(at, 3, run, row[0].id), ChangeKind.OFFER_CLOSED, AvailableOffer(*row))


def _iter_broken_offers(
    session: Session, after: Cursor, until: datetime, limit: int, _: Collection[ChangeKind]
) -> Iterator[Change]:
    """Offers that no run closed, but the check of their links."""
    moment, number = col(Offer.closed_at), col(Offer.id)
    asked = join_linked_offers(select(Offer, Entry, Platform, Judgement)).where(
        col(Offer.closed_why) == CLOSED_BROKEN_LINK, moment <= until
    )
    for row in session.execute(asked.where(_is_after(after, 4, moment, number)).order_by(moment, number).limit(limit)):
        shown = AvailableOffer(*row)
        yield _build_offer_change(Cursor(shown.offer.closed_at or until, 4, shown.offer.id or 0), ChangeKind.OFFER_CLOSED, shown)


def _filter_accepted_runs(query: Select[Any], after: Cursor, stream: int, until: datetime) -> Select[Any]:
    moment, run, offer = col(Run.ended_at), col(Run.id), col(Offer.id)
    query = query.where(col(Run.state) == RunState.ACCEPTED, moment <= until, _is_after(after, stream, moment, run, offer))
    return query.order_by(moment, run, offer)


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


_ChangeStream = Callable[[Session, Cursor, datetime, int, Collection[ChangeKind]], Iterator[Change]]
_STREAMS: list[tuple[tuple[ChangeKind, ...], _ChangeStream]] = [
    ((ChangeKind.FILM_CHANGED,), _iter_film_changes),
    ((ChangeKind.LINK_CHANGED,), _iter_link_changes),
    ((ChangeKind.OFFER_OPENED, ChangeKind.OFFER_CHANGED), _iter_opened_offers),
    ((ChangeKind.OFFER_CLOSED,), _iter_closed_offers),
    ((ChangeKind.OFFER_CLOSED,), _iter_broken_offers),
]
