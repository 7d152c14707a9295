"""Report what was counted of partners, by month, day and film; counts are kept 25 months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete
from sqlmodel import Session, col, func, select

from domain.common.paris_time import get_paris_date
from domain.models.film import Film
from domain.models.partner import Partner, PartnerCount
from domain.windows.rules import add_months

ROUNDING_STEP = 5
"""Published counts are rounded down to a multiple of this: no small count can be deduced by subtraction."""
RETENTION_MONTHS = 25
_UNVERIFIED_DAYS = 30


@dataclass(frozen=True)
class UsageCounts:
    """Count blocks loaded, and links to services followed from them."""

    loads: int
    exits: int


@dataclass(frozen=True)
class FilmDayCounts:
    """Hold the counts of a film on a day."""

    day: date
    film_id: int
    title: str
    usage: UsageCounts


@dataclass(frozen=True)
class PartnerMonthCounts:
    """Hold the counts of a partner in a month, and of how many films they are."""

    partner: Partner
    films: int
    usage: UsageCounts


def _is_in_month(month: date) -> ColumnElement[bool]:
    """Return the SQL condition that a count is of the month that begins on a day."""
    return and_(col(PartnerCount.day) >= month, col(PartnerCount.day) < add_months(month, 1))


def _sum_columns() -> tuple[Any, Any]:
    return func.sum(col(PartnerCount.loads)), func.sum(col(PartnerCount.exits))


def count_by_day(session: Session, origin: str, month: date) -> list[tuple[date, UsageCounts]]:
    """Return the counts of a partner by day of a month, the latest first; days without a count are left out."""
    stmt = select(col(PartnerCount.day), *_sum_columns()).where(PartnerCount.origin == origin, _is_in_month(month))
    rows = session.exec(stmt.group_by(col(PartnerCount.day)).order_by(col(PartnerCount.day).desc()))
    return [(day, UsageCounts(int(loads), int(exits))) for day, loads, exits in rows]


def count_by_film(session: Session, origin: str, month: date, limit: int) -> list[tuple[Film, UsageCounts]]:
    """Return the counts of a partner in a month by film, those most often loaded first."""
    loads, exits = _sum_columns()
    sums = select(col(PartnerCount.film_id), loads.label("loads"), exits.label("exits"))
    sums = sums.where(PartnerCount.origin == origin, _is_in_month(month)).group_by(col(PartnerCount.film_id))
    by_film = sums.subquery()
    stmt = select(Film, by_film.c.loads, by_film.c.exits).join(by_film, col(Film.id) == by_film.c.film_id)
    stmt = stmt.order_by(by_film.c.loads.desc(), by_film.c.exits.desc(), col(Film.id)).limit(limit)
    return [(film, UsageCounts(int(loaded), int(followed))) for film, loaded, followed in session.exec(stmt)]


def count_by_day_and_film(session: Session, origin: str, month: date) -> Sequence[FilmDayCounts]:
    """Return every count of a partner in a month, by day and film."""
    stmt = select(PartnerCount, col(Film.title)).join(Film).where(PartnerCount.origin == origin, _is_in_month(month))
    rows = session.exec(stmt.order_by(col(PartnerCount.day), col(PartnerCount.film_id)))
    return [FilmDayCounts(row.day, row.film_id, title, UsageCounts(row.loads, row.exits)) for row, title in rows]


def count_by_partner(session: Session, month: date) -> list[PartnerMonthCounts]:
    """Return every partner with its counts in a month, even zero, those most often loaded first."""
    film_count = func.count(func.distinct(col(PartnerCount.film_id)))
    stmt = select(col(PartnerCount.origin), film_count, *_sum_columns()).where(_is_in_month(month))
    counts = {
        origin: (int(films), UsageCounts(int(loads), int(exits)))
        for origin, films, loads, exits in session.exec(stmt.group_by(col(PartnerCount.origin)))
    }
    rows = []
    for partner in session.exec(select(Partner).order_by(col(Partner.origin))):
        films, usage = counts.get(partner.origin, (0, UsageCounts(0, 0)))
        rows.append(PartnerMonthCounts(partner, films, usage))
    return sorted(rows, key=lambda row: -row.usage.loads)


def get_oldest_month(now: datetime) -> date:
    """Return the first day of the oldest month whose counts are all kept."""
    return add_months(get_paris_date(now).replace(day=1), 1 - RETENTION_MONTHS)


def delete_old_counts(session: Session, now: datetime) -> None:
    """Delete the counts older than 25 months, and the partners left with neither counts nor a secret.

    A partner without a secret that was first seen over 30 days ago and whose blocks were hardly ever loaded is deleted too:
    invented names must not keep others out.
    """
    today = get_paris_date(now)
    session.exec(delete(PartnerCount).where(col(PartnerCount.day) < add_months(today, -RETENTION_MONTHS)))
    has_no_secret = col(Partner.sha256).is_(None)
    is_old = col(Partner.first_seen) < today - timedelta(days=_UNVERIFIED_DAYS)
    loads = select(func.coalesce(func.sum(col(PartnerCount.loads)), 0)).where(PartnerCount.origin == Partner.origin)
    unused = select(Partner.origin).where(has_no_secret, is_old, loads.scalar_subquery() < ROUNDING_STEP)
    session.exec(delete(PartnerCount).where(col(PartnerCount.origin).in_(unused)))
    has_counts = select(PartnerCount.origin).where(PartnerCount.origin == Partner.origin).exists()
    session.exec(delete(Partner).where(has_no_secret, ~has_counts))


def round_down(value: int) -> int:
    """Round a count down to the step of published counts: 10 for 12."""
    return value - value % ROUNDING_STEP
