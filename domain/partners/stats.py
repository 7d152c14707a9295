"""What was counted of partners, by month, day and film; kept 25 months."""

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
"""Numbers are told by so many at a time, rounded down: no small one can be had by taking some from others."""
RETENTION_MONTHS = 25
_UNVERIFIED_DAYS = 30


@dataclass(frozen=True)
class UsageCounts:
    """Blocks loaded, and links to services followed."""

    loads: int
    exits: int


@dataclass(frozen=True)
class FilmDayCounts:
    """What was counted of a film on a day."""

    day: date
    film_id: int
    title: str
    numbers: UsageCounts


@dataclass(frozen=True)
class PartnerMonthCounts:
    """What was counted of a partner in a month, and of how many films."""

    partner: Partner
    films: int
    numbers: UsageCounts


def _is_in_month(month: date) -> ColumnElement[bool]:
    """In the month that begins on a day, as an SQL condition."""
    return and_(col(PartnerCount.day) >= month, col(PartnerCount.day) < add_months(month, 1))


def _sum_columns() -> tuple[Any, Any]:
    return func.sum(col(PartnerCount.loads)), func.sum(col(PartnerCount.exits))


def count_by_day(session: Session, origin: str, month: date) -> list[tuple[date, UsageCounts]]:
    """The days of a month when something was counted of a partner, the last first."""
    asked = select(col(PartnerCount.day), *_sum_columns()).where(PartnerCount.origin == origin, _is_in_month(month))
    rows = session.exec(asked.group_by(col(PartnerCount.day)).order_by(col(PartnerCount.day).desc()))
    return [(day, UsageCounts(int(loads), int(exits))) for day, loads, exits in rows]


def count_by_film(session: Session, origin: str, month: date, limit: int) -> list[tuple[Film, UsageCounts]]:
    """The films of a month of a partner, those most often loaded first."""
    loads, exits = _sum_columns()
    counted = select(col(PartnerCount.film_id), loads.label("loads"), exits.label("exits"))
    chosen = counted.where(PartnerCount.origin == origin, _is_in_month(month)).group_by(col(PartnerCount.film_id)).subquery()
    asked = select(Film, chosen.c.loads, chosen.c.exits).join(chosen, col(Film.id) == chosen.c.film_id)
    rows = session.exec(asked.order_by(chosen.c.loads.desc(), chosen.c.exits.desc(), col(Film.id)).limit(limit))
    return [(film, UsageCounts(int(loaded), int(followed))) for film, loaded, followed in rows]


def count_by_day_and_film(session: Session, origin: str, month: date) -> Sequence[FilmDayCounts]:
    """All that was counted of a partner in a month, day after day."""
    asked = select(PartnerCount, col(Film.title)).join(Film).where(PartnerCount.origin == origin, _is_in_month(month))
    rows = session.exec(asked.order_by(col(PartnerCount.day), col(PartnerCount.film_id)))
    return [FilmDayCounts(row.day, row.film_id, title, UsageCounts(row.loads, row.exits)) for row, title in rows]


def count_by_partner(session: Session, month: date) -> list[PartnerMonthCounts]:
    """Every partner with what was counted of it in a month, those most often loaded first."""
    films = func.count(func.distinct(col(PartnerCount.film_id)))
    counted = (
        select(col(PartnerCount.origin), films, *_sum_columns()).where(_is_in_month(month)).group_by(col(PartnerCount.origin))
    )
    seen = {origin: (int(some), UsageCounts(int(loads), int(exits))) for origin, some, loads, exits in session.exec(counted)}
    partners = session.exec(select(Partner).order_by(col(Partner.origin)))
    found = [PartnerMonthCounts(partner, *seen.get(partner.origin, (0, UsageCounts(0, 0)))) for partner in partners]
    return sorted(found, key=lambda one: -one.numbers.loads)


def get_oldest_month(now: datetime) -> date:
    """The first month that is kept whole, as its first day."""
    return add_months(get_paris_date(now).replace(day=1), 1 - RETENTION_MONTHS)


def delete_old_counts(session: Session, now: datetime) -> None:
    """Erases what was counted more than 25 months ago, and partners of whom nothing is left and who have no private address.

    One met a month ago whose blocks were hardly ever loaded is forgotten too: invented names must not keep others out.
    """
    today = get_paris_date(now)
    session.exec(delete(PartnerCount).where(col(PartnerCount.day) < add_months(today, -RETENTION_MONTHS)))
    unknown, lately = col(Partner.sha256).is_(None), today - timedelta(days=_UNVERIFIED_DAYS)
    loads = select(func.coalesce(func.sum(col(PartnerCount.loads)), 0)).where(PartnerCount.origin == Partner.origin)
    strangers = select(Partner.origin).where(unknown, col(Partner.first_seen) < lately, loads.scalar_subquery() < ROUNDING_STEP)
    session.exec(delete(PartnerCount).where(col(PartnerCount.origin).in_(strangers)))
    counted = select(PartnerCount.origin).where(PartnerCount.origin == Partner.origin).exists()
    session.exec(delete(Partner).where(unknown, ~counted))


def round_down(value: int) -> int:
    """A number as it is told: 10 for 12."""
    return value - value % ROUNDING_STEP
