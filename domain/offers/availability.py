"""Define when an offer is available: the one rule that the site, the widget, the API, open data and the reports share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, func, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis, PlatformStatus, Verdict
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.neutral_order import sort_in_neutral_order

SelectT = TypeVar("SelectT", bound=Select[*tuple[Any, ...]])
GroupT = TypeVar("GroupT")
DATETIME_TYPE: Any = Offer.__table__.c.first_seen.type  # type: ignore[attr-defined]
"""The type of an offer's moments, to be given back to aggregates and cases over them: they lose it."""


@dataclass(frozen=True)
class AvailableOffer:
    """Represent an offer that may be shown to the public, with its evidence."""

    offer: Offer
    entry: Entry
    platform: Platform
    judgement: Judgement


def is_shown() -> ColumnElement[bool]:
    """Return the SQL condition that a platform may be shown to the public."""
    return and_(col(Platform.status) != PlatformStatus.CLOSED, col(Platform.legal_basis) != LegalBasis.FORBIDDEN)


def is_demonstration(session: Session) -> bool:
    """Return whether the database holds an invented service."""
    stmt = select(Platform.id).where(col(Platform.legal_basis) == LegalBasis.INVENTED).limit(1)
    return session.exec(stmt).first() is not None


def join_linked_offers(query: SelectT) -> SelectT:
    """Restrict a query to the offers, past or present, of shown platforms whose entry is linked to a film.

    The query may then read Offer, Entry, Platform and the live Judgement.
    """
    joined = (
        query.select_from(Offer)
        .join(Entry, col(Offer.entry_id) == col(Entry.id))
        .join(Platform, col(Entry.platform_id) == col(Platform.id))
        .join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    )
    return joined.where(live_judgement(), col(Judgement.verdict) == Verdict.SAME, is_shown())


def is_open(at: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the SQL condition that an offer can be taken at a moment."""
    return and_(
        col(Offer.first_seen) <= at,
        or_(col(Offer.closed_at).is_(None), col(Offer.closed_at) > at),
        or_(col(Offer.starts).is_(None), col(Offer.starts) <= at),
        or_(col(Offer.ends).is_(None), col(Offer.ends) > at),
    )


def get_first_open_at() -> ColumnElement[datetime]:
    """Return the SQL expression of the first moment when an offer could be taken, as far as it was seen."""
    return case((col(Offer.starts) > col(Offer.first_seen), col(Offer.starts)), else_=col(Offer.first_seen))


def _join_available_offers(query: SelectT, at: datetime | BindParameter[Any]) -> SelectT:
    """Restrict a query to the offers that may be shown at a moment."""
    return join_linked_offers(query).where(is_open(at))


@cache
def _build_film_query() -> Select[*tuple[Any, ...]]:
    """Build the query of the offers of a film (parameters `film` and `at`) once: building it takes longer than running it."""
    stmt = _join_available_offers(select(Offer, Entry, Platform, Judgement), bindparam("at"))
    return stmt.where(col(Judgement.film_id) == bindparam("film")).order_by(col(Offer.id))


def available_offers(session: Session, film_id: int, at: datetime) -> list[AvailableOffer]:
    """Return the offers of a film at a moment, platforms in the neutral order of that moment."""
    rows = session.execute(_build_film_query(), {"film": film_id, "at": at})
    return _sort_offers([AvailableOffer(*row) for row in rows], film_id, at)


def available_offers_by_film(session: Session, film_ids: Iterable[int], at: datetime) -> dict[int, list[AvailableOffer]]:
    """Return what `available_offers` gives for each of several films; films without an offer are left out."""
    stmt = _join_available_offers(select(Offer, Entry, Platform, Judgement), at)
    stmt = stmt.where(col(Judgement.film_id).in_(list(film_ids))).order_by(col(Offer.id))
    offers_by_film = defaultdict[int, list[AvailableOffer]](list)
    for row in session.exec(stmt):
        available = AvailableOffer(*row)
        assert available.judgement.film_id is not None
        offers_by_film[available.judgement.film_id].append(available)
    return {film_id: _sort_offers(offers, film_id, at) for film_id, offers in offers_by_film.items()}


def _sort_offers(offers: list[AvailableOffer], film_id: int, at: datetime) -> list[AvailableOffer]:
    return sort_in_neutral_order(offers, film_id, at, lambda available: available.platform.slug)


def available_presences(session: Session, at: datetime, film_ids: Iterable[int] | None = None) -> set[tuple[int, int, Access]]:
    """Return the triples (film id, platform id, access) available at a moment, for all films or for some."""
    stmt = _join_available_offers(select(col(Judgement.film_id), col(Platform.id), col(Offer.access)), at).distinct()
    if film_ids is not None:
        stmt = stmt.where(col(Judgement.film_id).in_(list(film_ids)))
    rows = session.exec(stmt)
    return {(film_id, platform_id, access) for film_id, platform_id, access in rows if film_id and platform_id}


def select_available_film_ids(at: datetime, conditions: Iterable[ColumnElement[bool]] = ()) -> Select[*tuple[Any, ...]]:
    """Build the query of the ids of films that have, at a moment, one offer that meets all the conditions."""
    return _join_available_offers(select(col(Judgement.film_id)), at).where(*conditions).distinct()


def available_films(
    session: Session, at: datetime, film_ids: Iterable[int], conditions: Iterable[ColumnElement[bool]] = ()
) -> set[int]:
    """Return which of some films `select_available_film_ids` selects."""
    stmt = select_available_film_ids(at, conditions).where(col(Judgement.film_id).in_(list(film_ids)))
    return {film_id for film_id in session.scalars(stmt) if film_id}


def count_available(session: Session, at: datetime) -> int:
    """Count the films that have an offer at a moment."""
    stmt = _join_available_offers(select(func.count(func.distinct(col(Judgement.film_id)))), at)
    return session.exec(stmt).one()


def count_available_by(session: Session, at: datetime, by: Mapped[GroupT]) -> dict[GroupT, int]:
    """Count the films that have an offer at a moment by a column of Offer or Platform; a film counts once for each value."""
    stmt = _join_available_offers(select(by, func.count(func.distinct(col(Judgement.film_id)))), at).group_by(by)
    return dict(session.exec(stmt).all())


def is_available(at: datetime) -> ColumnElement[bool]:
    """Return the SQL condition that a film has an offer at a moment, for a query that reads Film."""
    offers_of_film = _join_available_offers(select(col(Offer.id)), at).where(col(Judgement.film_id) == col(Film.id))
    return offers_of_film.correlate(Film).exists()
