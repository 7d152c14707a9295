"""T12: films that came to a service and left it in a month, offers that end soon, and how long a film stays."""

from collections import Counter, defaultdict
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Subquery, case, func, select, type_coerce
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from domain.common.enums import RunState, Verdict
from domain.coverage.as_of import get_day_end, was_closed_by, was_seen_by
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import iter_rows
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Column, TableBody, Unit
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.run import Run
from domain.windows.rules import add_months

ENDING_SOON = timedelta(days=30)


def count_movements_by_service(day: DaySnapshot) -> TableBody:
    """T12: by service, over the month before the day. A service not collected a month before has no entries nor exits."""
    before = day.as_of(get_day_end(add_months(day.date, -1)))
    now, then = _get_films_by_service(day), _get_films_by_service(before)
    ending, lives = _count_ending_films(day), _get_presence_days(day)
    rows = []
    for number, platform in day.platforms.items():
        here, there = now[number], then[number]
        known = number in before.platforms
        moves = (len(there), len(here - there), len(there - here)) if known else (None, None, None)
        life = median(lives[number]) if lives[number] else None
        rows.append((platform.name, *moves, len(here), ending[number], len(lives[number]), life))
    columns = (
        *(
            Column("Service", Unit.TEXT),
            Column("Films un mois avant"),
            Column("Entrées"),
            Column("Sorties"),
            Column("Films du jour"),
        ),
        *(Column("Fin annoncée sous 30 jours"), Column("Présences terminées"), Column("Durée médiane (jours)", Unit.DAYS)),
    )
    return TableBody(columns, (*rows, _build_total_row(day, before, ending, lives)), chart_column=2)


def _build_total_row(day: DaySnapshot, before: DaySnapshot, ending: Counter[int], lives: dict[int, list[int]]) -> tuple[Any, ...]:
    here, there = day.accesses_by_film.keys(), before.accesses_by_film.keys()
    every = [life for some in lives.values() for life in some]
    moves = (len(there), len(here - there), len(there - here)) if before.platforms else (None, None, None)
    return (ALL_LABEL, *moves, len(here), sum(ending.values()), len(every), median(every) if every else None)


def _get_films_by_service(day: DaySnapshot) -> defaultdict[int, set[int]]:
    found = defaultdict[int, set[int]](set)
    for film, ways in day.accesses_by_film.items():
        for platform, _ in ways:
            found[platform].add(film)
    return found


def _count_ending_films(day: DaySnapshot) -> Counter[int]:
    """By service, films with an offer whose end is known and near."""
    seen, by = day.group_offers_by_entry(func.count(), col(Offer.ends) <= day.at + ENDING_SOON), col(Entry.platform_id)
    asked = day.select_entries(seen, by, func.count(func.distinct(col(Judgement.film_id)))).group_by(by)
    return Counter(dict(iter_rows(day.session, asked.where(col(Judgement.verdict) == Verdict.SAME))))


def _get_presence_days(day: DaySnapshot) -> defaultdict[int, list[int]]:
    """By service, how many days each film stayed that was gone by the day, under an access.

    From the first time it was seen to the last period's end, its absences between them included. What was there at a
    service's first collection has an unknown beginning, and is left out.
    """
    moment: Any = Offer.__table__.c.first_seen.type  # type: ignore[attr-defined]
    line = _group_presences_by_entry(day)
    way = (col(Entry.platform_id), col(Judgement.film_id), line.c.access)
    ended = type_coerce(func.max(line.c.ended), moment)
    asked = day.select_entries(line, way[0], type_coerce(func.min(line.c.began), moment), ended)
    asked = asked.where(col(Judgement.verdict) == Verdict.SAME)
    began_known = func.min(line.c.first_run).not_in(_get_first_run_ids(day.session))
    asked = asked.group_by(*way).having(func.min(line.c.whole) == 1, ended <= day.at, began_known)
    found = defaultdict[int, list[int]](list)
    for platform, began, ended in iter_rows(day.session, asked):
        found[platform].append((ended - began).days)
    return found


def _group_presences_by_entry(day: DaySnapshot) -> Subquery:
    """By line and access: when it was first seen, when its last period ended, and whether all of its periods did."""
    late = day.late_accepted_runs
    closed: Any = case((was_closed_by(late), None), else_=col(Offer.closed_at)) if late else col(Offer.closed_at)
    gone = case((col(Offer.ends) < closed, col(Offer.ends)), else_=func.coalesce(closed, col(Offer.ends)))
    asked = select(
        col(Offer.entry_id).label("line"),
        col(Offer.access).label("access"),
        func.min(col(Offer.first_seen)).label("began"),
        func.max(gone).label("ended"),
        case((func.count(gone) == func.count(), 1), else_=0).label("whole"),
        func.min(col(Offer.first_run_id)).label("first_run"),
    ).where(was_seen_by(day.at, late))
    if day.filters.accesses:
        asked = asked.where(col(Offer.access).in_(day.filters.accesses))
    return asked.group_by(col(Offer.entry_id), col(Offer.access)).subquery()


def _get_first_run_ids(session: Session) -> list[int | None]:
    asked = select_rows(func.min(Run.id)).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    return list(session.exec(asked).all())
