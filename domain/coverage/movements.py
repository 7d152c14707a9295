"""Count T12: films that came to a service and left it in a month, offers that end soon, and how long a film stays."""

from collections import Counter, defaultdict
from collections.abc import Collection, Set
from datetime import timedelta
from itertools import chain
from statistics import median
from typing import Any

from sqlalchemy import Subquery, case, func, select, type_coerce
from sqlmodel import col

from domain.common.enums import Verdict
from domain.coverage.as_of import get_day_end, was_closed_by, was_seen_by
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import iter_rows
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Cell, Column, Row, TableBody, Unit
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.offers.arrivals import list_first_run_ids
from domain.offers.availability import DATETIME_TYPE
from domain.windows.rules import add_months

ENDING_SOON = timedelta(days=30)
_COLUMNS = (
    *(Column("Service", Unit.TEXT), Column("Films un mois avant"), Column("Entrées"), Column("Sorties")),
    *(Column("Films du jour"), Column("Fin annoncée sous 30 jours"), Column("Présences terminées")),
    Column("Durée médiane (jours)", Unit.DAYS),
)


def count_movements_by_service(day: DaySnapshot) -> TableBody:
    """Count T12 by service, over the month before the day.

    A service not collected a month before has neither arrivals nor departures.
    """
    before = day.as_of(get_day_end(add_months(day.date, -1)))
    films_now, films_then = _get_films_by_service(day), _get_films_by_service(before)
    ending = _count_ending_films(day)
    presences = _get_presence_days(day)
    rows = []
    for platform_id, platform in day.platforms.items():
        then = films_then[platform_id] if platform_id in before.platforms else None
        cells = _build_movement_cells(films_now[platform_id], then)
        rows.append((platform.name, *cells, ending[platform_id], *_build_presence_cells(presences[platform_id])))
    then_all = before.accesses_by_film.keys() if before.platforms else None
    total_row = (
        ALL_LABEL,
        *_build_movement_cells(day.accesses_by_film.keys(), then_all),
        ending.total(),
        *_build_presence_cells(list(chain.from_iterable(presences.values()))),
    )
    return TableBody(_COLUMNS, (*rows, total_row), chart_column=2)


def _build_movement_cells(now: Set[int], then: Set[int] | None) -> Row:
    """Build the counts of films then, arrived, left and now; the first three unknown without an earlier state."""
    if then is None:
        return (None, None, None, len(now))
    return (len(then), len(now - then), len(then - now), len(now))


def _build_presence_cells(days: Collection[int]) -> tuple[Cell, Cell]:
    """Build the count of ended presences and their median length."""
    return (len(days), median(days) if days else None)


def _get_films_by_service(day: DaySnapshot) -> defaultdict[int, set[int]]:
    films = defaultdict[int, set[int]](set)
    for film_id, services in day.accesses_by_film.items():
        for platform_id, _ in services:
            films[platform_id].add(film_id)
    return films


def _count_ending_films(day: DaySnapshot) -> Counter[int]:
    """Count, by platform id, the films with an offer whose end is known and near."""
    ending = day.group_offers_by_entry(func.count(), col(Offer.ends) <= day.at + ENDING_SOON)
    platform_id = col(Entry.platform_id)
    stmt = day.select_entries(ending, platform_id, func.count(func.distinct(col(Judgement.film_id))))
    stmt = stmt.where(col(Judgement.verdict) == Verdict.SAME).group_by(platform_id)
    return Counter(dict(iter_rows(day.session, stmt)))


def _get_presence_days(day: DaySnapshot) -> defaultdict[int, list[int]]:
    """Return, by platform id, how many days each film stayed that was gone by the day, under one access.

    The days run from the first time it was seen to the end of its last period, absences between them included. A film that was
    there at the service's first collection began at an unknown time, and is left out.
    """
    presences = _group_presences_by_entry(day)
    began_at = type_coerce(func.min(presences.c.began_at), DATETIME_TYPE)
    ended_at = type_coerce(func.max(presences.c.ended_at), DATETIME_TYPE)
    stmt = (
        day.select_entries(presences, col(Entry.platform_id), began_at, ended_at)
        .where(col(Judgement.verdict) == Verdict.SAME)
        .group_by(col(Entry.platform_id), col(Judgement.film_id), presences.c.access)
        .having(
            func.min(presences.c.is_over) == 1,
            ended_at <= day.at,
            func.min(presences.c.first_run_id).not_in(list_first_run_ids(day.session)),
        )
    )
    days = defaultdict[int, list[int]](list)
    for platform_id, began, ended in iter_rows(day.session, stmt):
        days[platform_id].append((ended - began).days)
    return days


def _group_presences_by_entry(day: DaySnapshot) -> Subquery:
    """Build the subquery, by entry and access, of when it was first seen, when its last period ended, and whether all did."""
    late_runs = day.late_accepted_runs
    closed_at: Any = col(Offer.closed_at)
    if late_runs:
        closed_at = case((was_closed_by(late_runs), None), else_=col(Offer.closed_at))
    ended_at = case((col(Offer.ends) < closed_at, col(Offer.ends)), else_=func.coalesce(closed_at, col(Offer.ends)))
    stmt = select(
        col(Offer.entry_id).label("entry_id"),
        col(Offer.access).label("access"),
        func.min(col(Offer.first_seen)).label("began_at"),
        func.max(ended_at).label("ended_at"),
        case((func.count(ended_at) == func.count(), 1), else_=0).label("is_over"),
        func.min(col(Offer.first_run_id)).label("first_run_id"),
    ).where(was_seen_by(day.at, late_runs))
    if day.filters.accesses:
        stmt = stmt.where(col(Offer.access).in_(day.filters.accesses))
    return stmt.group_by(col(Offer.entry_id), col(Offer.access)).subquery()
