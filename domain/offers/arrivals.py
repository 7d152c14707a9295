"""Find when films came to services and left them, from the periods of their offers.

Two readings of the same periods: the availabilities (a film on a service under one access, over all its offers) behind the
lists of new, ending and returning films, and the events (each arrival and departure) behind a film's history and the feeds.
What a service already showed at its first collection began at an unknown time: it is never news.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, or_, select, type_coerce
from sqlmodel import Session, col

from domain.common.enums import Access, RunState
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import DATETIME_TYPE, is_open, join_linked_offers

UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the beginning of an availability that is older than the first collection."""


@dataclass(frozen=True)
class FilmAvailability:
    """Represent a film on a service under one access, over all its offers.

    `began_at` is UNKNOWN_START when it precedes the first collection; `ends_at` is when it ended or will end, None when no
    end is known. `open_now` tells whether it can be watched at the moment of the query, `was_open` whether it could, or may
    have been, at the earlier moment that the query compares with.
    """

    film_id: int
    platform_id: int
    access: Access
    began_at: datetime
    ends_at: datetime | None
    open_now: bool
    was_open: bool


@dataclass(frozen=True)
class FilmEvent:
    """Represent a film that came to a service under one access, or left it.

    `predates_collection` tells that the film was there at the service's first collection: nobody knows since when.
    """

    film_id: int
    platform_id: int
    access: Access
    occurred_at: datetime
    is_opening: bool
    predates_collection: bool = False


class _Period(NamedTuple):
    """Represent a stretch of time during which a film can be watched on a service; no end: it still can."""

    began_at: datetime
    ended_at: datetime | None
    predates_collection: bool


def list_arrivals(session: Session, at: datetime, since: datetime) -> list[FilmAvailability]:
    """Return every availability of the films of which at least one began since a moment.

    All of them are returned, so that the caller can tell a new film from one that more services show.
    """
    condition = _build_film_condition(_select_started_films(session, at, since))
    return _query_availabilities(session, condition, at, since)


def list_departures(session: Session, at: datetime, until: datetime) -> list[FilmAvailability]:
    """Return every availability of the films of which an offer has a known end, no later than a moment."""
    ending = join_linked_offers(select(col(Judgement.film_id))).where(is_open(at), col(Offer.ends) > at, col(Offer.ends) <= until)
    return _query_availabilities(session, _build_film_condition(ending), at, at)


def list_returns(session: Session, at: datetime, since: datetime, latest_year: int) -> list[FilmAvailability]:
    """Return the open availabilities of films no later than a year that are shown now and that nobody showed at `since`."""
    old_films = (
        _select_started_films(session, at, since)
        .join(Film, col(Film.id) == col(Judgement.film_id))
        .where(col(Film.year) <= latest_year)
    )
    returned: list[FilmAvailability] = []
    availabilities = _query_availabilities(session, _build_film_condition(old_films), at, since)
    for of_film in group_by_film(availabilities).values():
        if not any(availability.was_open for availability in of_film):
            returned += [availability for availability in of_film if availability.open_now]
    return returned


def list_service_availabilities(session: Session, platform_id: int, at: datetime, since: datetime) -> list[FilmAvailability]:
    """Return every availability of one service, present and past."""
    return _query_availabilities(session, col(Platform.id) == platform_id, at, since)


def group_by_film(availabilities: Iterable[FilmAvailability]) -> dict[int, list[FilmAvailability]]:
    """Group availabilities by film id, in the order given."""
    by_film = defaultdict[int, list[FilmAvailability]](list)
    for availability in availabilities:
        by_film[availability.film_id].append(availability)
    return dict(by_film)


def list_first_run_ids(session: Session) -> list[int | None]:
    """Return the id of the first accepted run of each platform."""
    stmt = select(func.min(col(Run.id))).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    return list(session.scalars(stmt))


def _build_film_condition(film_ids: Select[Any]) -> ColumnElement[bool]:
    return col(Judgement.film_id).in_(film_ids)


def _select_started_films(session: Session, at: datetime, since: datetime) -> Select[Any]:
    """Select films with an open offer whose period began since a moment, other than at a service's first collection."""
    later_runs = select(col(Run.id)).where(
        col(Run.state) == RunState.ACCEPTED, col(Run.started_at) > since, col(Run.id).not_in(list_first_run_ids(session))
    )
    # By run rather than by first_seen: an index on that column would be taken for « seen before now », which is every row.
    seen_later = select(col(Offer.id)).where(col(Offer.first_run_id).in_(later_runs))
    started = select(col(Offer.id)).where(col(Offer.starts) > since, col(Offer.starts) <= at)
    stmt = join_linked_offers(select(col(Judgement.film_id)))
    return stmt.where(is_open(at), col(Offer.id).in_(seen_later.union_all(started)))


def _query_availabilities(
    session: Session, condition: ColumnElement[bool], at: datetime, before: datetime
) -> list[FilmAvailability]:
    seen_at_first = col(Offer.first_run_id).in_(list_first_run_ids(session))
    announced = col(Offer.starts) > col(Offer.first_seen)
    began_at = case(
        (announced, col(Offer.starts)),
        (seen_at_first, type_coerce(UNKNOWN_START, DATETIME_TYPE)),
        else_=col(Offer.first_seen),
    )
    ends_at = case(
        (or_(col(Offer.closed_at).is_(None), col(Offer.ends) < col(Offer.closed_at)), col(Offer.ends)),
        else_=col(Offer.closed_at),
    )
    may_have_been_open = seen_at_first & (col(Offer.first_seen) > before) & ~func.coalesce(announced, False)
    was_open = or_(is_open(before), may_have_been_open)
    keys = (col(Judgement.film_id), col(Platform.id), col(Offer.access))
    stmt: Any = select(
        *keys,
        type_coerce(func.min(began_at), DATETIME_TYPE),
        type_coerce(func.max(ends_at), DATETIME_TYPE),
        func.count(ends_at) == func.count(),
        func.max(case((is_open(at), 1), else_=0)),
        func.max(case((was_open, 1), else_=0)),
    )
    rows = session.execute(join_linked_offers(stmt).where(condition).group_by(*keys))
    return [
        FilmAvailability(film_id, platform_id, access, start, end if all_end else None, bool(now), bool(then))
        for film_id, platform_id, access, start, end, all_end, now, then in rows
    ]


def list_film_events(session: Session, film_ids: Iterable[int], at: datetime) -> list[FilmEvent]:
    """Return every arrival and departure of some films until a moment, the latest first.

    A change of price is no event; a film that comes back is.
    """
    first_run_ids = set(list_first_run_ids(session))
    stmt: Any = select(col(Judgement.film_id), col(Platform.id), Offer)
    stmt = join_linked_offers(stmt).where(col(Judgement.film_id).in_(list(film_ids)))
    offers_by_key = defaultdict[tuple[int, int, Access], list[Offer]](list)
    for film_id, platform_id, offer in session.execute(stmt):
        offers_by_key[film_id, platform_id, offer.access].append(offer)
    events: list[FilmEvent] = []
    for key, offers in offers_by_key.items():
        for period in _merge_periods(offers, first_run_ids):
            events += _iter_period_events(key, period)
    past_events = [event for event in events if event.occurred_at <= at]
    return sorted(past_events, key=lambda event: event.occurred_at, reverse=True)


def _iter_period_events(key: tuple[int, int, Access], period: _Period) -> Iterator[FilmEvent]:
    yield FilmEvent(*key, period.began_at, is_opening=True, predates_collection=period.predates_collection)
    if period.ended_at:
        yield FilmEvent(*key, period.ended_at, is_opening=False)


def _merge_periods(offers: Iterable[Offer], first_run_ids: Collection[int | None]) -> list[_Period]:
    """Merge the periods of offers of one film, service and access that touch or overlap, in the order of time."""
    merged: list[_Period] = []
    for offer in sorted(offers, key=_get_start):
        began_at = _get_start(offer)
        ended_at = min(filter(None, (offer.ends, offer.closed_at)), default=None)
        if ended_at and ended_at <= began_at:
            continue
        previous = merged[-1] if merged else None
        if previous and (previous.ended_at is None or previous.ended_at >= began_at):
            merged[-1] = previous._replace(ended_at=_get_later_end(ended_at, previous.ended_at))
        else:
            seen_at_first = offer.first_run_id in first_run_ids and began_at == offer.first_seen
            merged.append(_Period(began_at, ended_at, seen_at_first))
    return merged


def _get_later_end(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of two ends; None means no end."""
    if first is None or second is None:
        return None
    return max(first, second)


def _get_start(offer: Offer) -> datetime:
    return max(filter(None, (offer.first_seen, offer.starts)))
