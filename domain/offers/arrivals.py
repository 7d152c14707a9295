"""What came, what goes, what is back: the movements of films on services, read from the periods of their offers.

The unit is a way: one film on one service under one access. What a service already showed at its first collection has an
unknown beginning: it is never news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, type_coerce
from sqlmodel import Session, col

from domain.common.enums import Access, RunState
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import is_open, join_linked_offers

UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)
"""When a way began that was there before anybody looked."""


@dataclass(frozen=True)
class FilmAvailability:
    """A film on a service under one access, over all its offers.

    `began` is when it was first there (UNKNOWN: before the first collection), `over` when it is or will be over (None: nobody
    said), `open` whether it can be taken at the moment, `was_open` whether it could, or may have been, at the earlier one.
    """

    film_id: int
    platform_id: int
    access: Access
    began_at: datetime
    ends_at: datetime | None
    open_now: bool
    was_open: bool


def list_arrivals(session: Session, at: datetime, since: datetime) -> list[FilmAvailability]:
    """The ways of the films of which some way began for the first time since a moment: all their ways, to tell news from more."""
    return _query_availabilities(session, _build_film_condition(_select_started_films(session, at, since)), at, since)


def list_departures(session: Session, at: datetime, until: datetime) -> list[FilmAvailability]:
    """The ways of the films of which some offer has a known end, not later than a moment."""
    ending = join_linked_offers(select(col(Judgement.film_id))).where(is_open(at), col(Offer.ends) > at, col(Offer.ends) <= until)
    return _query_availabilities(session, _build_film_condition(ending), at, at)


def list_returns(session: Session, at: datetime, since: datetime, latest_year: int) -> list[FilmAvailability]:
    """The open ways of films made in a year or earlier that can be seen at a moment, and that nobody showed at an earlier one."""
    old = (
        _select_started_films(session, at, since)
        .join(Film, col(Film.id) == col(Judgement.film_id))
        .where(col(Film.year) <= latest_year)
    )
    found = group_by_film(_query_availabilities(session, _build_film_condition(old), at, since))
    return [way for ways in found.values() if not any(way.was_open for way in ways) for way in ways if way.open_now]


def list_service_availabilities(session: Session, platform_id: int, at: datetime, since: datetime) -> list[FilmAvailability]:
    """Every way of one service, present and past."""
    return _query_availabilities(session, col(Platform.id) == platform_id, at, since)


def group_by_film(availabilities: Iterable[FilmAvailability]) -> dict[int, list[FilmAvailability]]:
    """The ways of each film, in the order they came."""
    found: dict[int, list[FilmAvailability]] = {}
    for way in availabilities:
        found.setdefault(way.film_id, []).append(way)
    return found


def list_first_run_ids(session: Session) -> list[int | None]:
    """The first accepted run of each platform."""
    asked = select(func.min(col(Run.id))).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    return list(session.scalars(asked))


def _build_film_condition(films: Select[Any]) -> ColumnElement[bool]:
    return col(Judgement.film_id).in_(films)


def _select_started_films(session: Session, at: datetime, since: datetime) -> Select[Any]:
    """Films with an open offer whose period began since a moment, other than at a service's first collection."""
    later = select(col(Run.id)).where(
        col(Run.state) == RunState.ACCEPTED, col(Run.started_at) > since, col(Run.id).not_in(list_first_run_ids(session))
    )
    # By run rather than by first_seen: an index on that column would be taken for « seen before now », which is every row.
    seen = select(col(Offer.id)).where(col(Offer.first_run_id).in_(later))
    started = select(col(Offer.id)).where(col(Offer.starts) > since, col(Offer.starts) <= at)
    return join_linked_offers(select(col(Judgement.film_id))).where(is_open(at), col(Offer.id).in_(seen.union_all(started)))


def _query_availabilities(
    session: Session, condition: ColumnElement[bool], at: datetime, before: datetime
) -> list[FilmAvailability]:
    first = col(Offer.first_run_id).in_(list_first_run_ids(session))
    moment: Any = Offer.__table__.c.first_seen.type  # type: ignore[attr-defined]
    announced = col(Offer.starts) > col(Offer.first_seen)
    began = case((announced, col(Offer.starts)), (first, type_coerce(UNKNOWN_START, moment)), else_=col(Offer.first_seen))
    unclosed, overtaken = col(Offer.closed_at).is_(None), col(Offer.ends) < col(Offer.closed_at)
    over = case((or_(unclosed, overtaken), col(Offer.ends)), else_=col(Offer.closed_at))
    was_open = or_(is_open(before), first & (col(Offer.first_seen) > before) & ~func.coalesce(announced, False))
    way = (col(Judgement.film_id), col(Platform.id), col(Offer.access))
    asked: Any = select(
        *way,
        type_coerce(func.min(began), moment),
        type_coerce(func.max(over), moment),
        func.count(over) == func.count(),
        func.max(case((is_open(at), 1), else_=0)),
        func.max(case((was_open, 1), else_=0)),
    )
    rows = session.execute(join_linked_offers(asked).where(condition).group_by(*way)).all()
    return [
        FilmAvailability(film, platform, access, start, end if ended else None, bool(now), bool(then))
        for film, platform, access, start, end, ended, now, then in rows
    ]
