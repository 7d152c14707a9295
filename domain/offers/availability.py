"""What « available » means: the one definition that site, widget, API and reports share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_
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


@dataclass(frozen=True)
class AvailableOffer:
    """An offer the public may be shown, with its evidence."""

    offer: Offer
    entry: Entry
    platform: Platform
    judgement: Judgement


def is_shown() -> ColumnElement[bool]:
    """Whether a platform may be shown to the public, as an SQL condition."""
    return and_(col(Platform.status) != PlatformStatus.CLOSED, col(Platform.legal_basis) != LegalBasis.FORBIDDEN)


def is_demonstration(session: Session) -> bool:
    """Whether some registered service is invented."""
    return session.exec(select(Platform.id).where(col(Platform.legal_basis) == LegalBasis.INVENTED).limit(1)).first() is not None


def join_linked_offers(query: SelectT) -> SelectT:
    """Narrows a query to offers, whatever their dates, of services that may be shown: with entry, platform, live judgement."""
    found = (
        query.select_from(Offer)
        .join(Entry, col(Offer.entry_id) == col(Entry.id))
        .join(Platform, col(Entry.platform_id) == col(Platform.id))
        .join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    )
    return found.where(live_judgement(), col(Judgement.verdict) == Verdict.SAME, is_shown())


def is_open(at: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether an offer can be taken at a moment, as an SQL condition."""
    return and_(
        col(Offer.first_seen) <= at,
        or_(col(Offer.closed_at).is_(None), col(Offer.closed_at) > at),
        or_(col(Offer.starts).is_(None), col(Offer.starts) <= at),
        or_(col(Offer.ends).is_(None), col(Offer.ends) > at),
    )


def _join_available_offers(query: SelectT, at: datetime | BindParameter[Any]) -> SelectT:
    """Narrows a query to offers that may be shown at a moment."""
    return join_linked_offers(query).where(is_open(at))


@cache
def _build_film_query() -> Select[*tuple[Any, ...]]:
    """The offers of « film » at « at », written once: writing a query takes longer than asking it."""
    asked = _join_available_offers(select(Offer, Entry, Platform, Judgement), bindparam("at"))
    return asked.where(col(Judgement.film_id) == bindparam("film")).order_by(col(Offer.id))


def available_offers(session: Session, film_id: int, at: datetime) -> list[AvailableOffer]:
    """The film's offers at a moment, platforms in the neutral order of that moment."""
    found = [AvailableOffer(*row) for row in session.execute(_build_film_query(), {"film": film_id, "at": at})]
    return sort_in_neutral_order(found, film_id, at, lambda offer: offer.platform.slug)


def available_offers_by_film(session: Session, film_ids: Iterable[int], at: datetime) -> dict[int, list[AvailableOffer]]:
    """The same for several films at once; those without an offer are left out."""
    asked = _join_available_offers(select(Offer, Entry, Platform, Judgement), at).where(
        col(Judgement.film_id).in_(list(film_ids))
    )
    found: dict[int, list[AvailableOffer]] = {}
    for row in session.exec(asked.order_by(col(Offer.id))):
        shown = AvailableOffer(*row)
        found.setdefault(shown.judgement.film_id or 0, []).append(shown)
    return {film: sort_in_neutral_order(some, film, at, lambda offer: offer.platform.slug) for film, some in found.items()}


def available_presences(session: Session, at: datetime, film_ids: Iterable[int] | None = None) -> set[tuple[int, int, Access]]:
    """Who shows what at a moment: (film, platform, access), for all films or for some."""
    asked = _join_available_offers(select(col(Judgement.film_id), col(Platform.id), col(Offer.access)), at).distinct()
    if film_ids is not None:
        asked = asked.where(col(Judgement.film_id).in_(list(film_ids)))
    return {(film, platform, access) for film, platform, access in session.exec(asked) if film and platform}


def select_available_film_ids(at: datetime, conditions: Iterable[ColumnElement[bool]] = ()) -> Select[*tuple[Any, ...]]:
    """The numbers of films with an offer at a moment that meets the conditions, all of them by one and the same offer."""
    return _join_available_offers(select(col(Judgement.film_id)), at).where(*conditions).distinct()


def available_films(
    session: Session, at: datetime, film_ids: Iterable[int], conditions: Iterable[ColumnElement[bool]] = ()
) -> set[int]:
    """Those of some films that `offered` holds."""
    asked = select_available_film_ids(at, conditions).where(col(Judgement.film_id).in_(list(film_ids)))
    return {film_id for film_id in session.scalars(asked) if film_id}


def count_available(session: Session, at: datetime) -> int:
    """How many films have an offer at a moment."""
    asked = _join_available_offers(select(func.count(func.distinct(col(Judgement.film_id)))), at)
    return session.exec(asked).one()


def count_available_by(session: Session, at: datetime, by: Mapped[GroupT]) -> dict[GroupT, int]:
    """How many films have an offer at a moment, by a column of the offer or of its service; a film counts once a value."""
    asked = _join_available_offers(select(by, func.count(func.distinct(col(Judgement.film_id)))), at).group_by(by)
    return dict(session.exec(asked).all())


def is_available(at: datetime) -> ColumnElement[bool]:
    """Whether a film has an offer at a moment, as an SQL condition for a query that reads Film."""
    return (
        _join_available_offers(select(col(Offer.id)), at).where(col(Judgement.film_id) == col(Film.id)).correlate(Film).exists()
    )
