"""T12: films that came to a service and left it in a month, offers that end soon, and how long a film stays."""

from collections import Counter, defaultdict
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Subquery, case, func, select, type_coerce
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from domain.common.enums import RunState, Verdict
from domain.coverage.as_of import closed_by, end_of, seen_by
from domain.coverage.dataset import Day
from domain.coverage.film_classes import rows_of
from domain.coverage.labels import ALL
from domain.coverage.schema import Body, Column, Unit
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.run import Run
from domain.windows.rules import add_months

SOON = timedelta(days=30)


def by_service(day: Day) -> Body:
    """T12: by service, over the month before the day. A service not collected a month before has no entries nor exits."""
    before = day.other(end_of(add_months(day.date, -1)))
    now, then = _films(day), _films(before)
    ending, lives = _ending(day), _lives(day)
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
    return Body(columns, (*rows, _total(day, before, ending, lives)), chart=2)


def _total(day: Day, before: Day, ending: Counter[int], lives: dict[int, list[int]]) -> tuple[Any, ...]:
    here, there = day.ways.keys(), before.ways.keys()
    every = [life for some in lives.values() for life in some]
    moves = (len(there), len(here - there), len(there - here)) if before.platforms else (None, None, None)
    return (ALL, *moves, len(here), sum(ending.values()), len(every), median(every) if every else None)


def _films(day: Day) -> defaultdict[int, set[int]]:
    found = defaultdict[int, set[int]](set)
    for film, ways in day.ways.items():
        for platform, _ in ways:
            found[platform].add(film)
    return found


def _ending(day: Day) -> Counter[int]:
    """By service, films with an offer whose end is known and near."""
    seen, by = day.seen(func.count(), col(Offer.ends) <= day.at + SOON), col(Entry.platform_id)
    asked = day.lines_of(seen, by, func.count(func.distinct(col(Judgement.film_id)))).group_by(by)
    return Counter(dict(rows_of(day.session, asked.where(col(Judgement.verdict) == Verdict.SAME))))


def _lives(day: Day) -> defaultdict[int, list[int]]:
    """By service, how many days each film stayed that was gone by the day, under an access.

    From the first time it was seen to the last period's end, its absences between them included. What was there at a
    service's first collection has an unknown beginning, and is left out.
    """
    moment: Any = Offer.__table__.c.first_seen.type  # type: ignore[attr-defined]
    line = _line_lives(day)
    way = (col(Entry.platform_id), col(Judgement.film_id), line.c.access)
    ended = type_coerce(func.max(line.c.ended), moment)
    asked = day.lines_of(line, way[0], type_coerce(func.min(line.c.began), moment), ended)
    asked = asked.where(col(Judgement.verdict) == Verdict.SAME)
    began_known = func.min(line.c.first_run).not_in(_first_runs(day.session))
    asked = asked.group_by(*way).having(func.min(line.c.whole) == 1, ended <= day.at, began_known)
    found = defaultdict[int, list[int]](list)
    for platform, began, ended in rows_of(day.session, asked):
        found[platform].append((ended - began).days)
    return found


def _line_lives(day: Day) -> Subquery:
    """By line and access: when it was first seen, when its last period ended, and whether all of its periods did."""
    late = day.late
    closed: Any = case((closed_by(late), None), else_=col(Offer.closed_at)) if late else col(Offer.closed_at)
    gone = case((col(Offer.ends) < closed, col(Offer.ends)), else_=func.coalesce(closed, col(Offer.ends)))
    asked = select(
        col(Offer.entry_id).label("line"),
        col(Offer.access).label("access"),
        func.min(col(Offer.first_seen)).label("began"),
        func.max(gone).label("ended"),
        case((func.count(gone) == func.count(), 1), else_=0).label("whole"),
        func.min(col(Offer.first_run_id)).label("first_run"),
    ).where(seen_by(day.at, late))
    if day.filters.accesses:
        asked = asked.where(col(Offer.access).in_(day.filters.accesses))
    return asked.group_by(col(Offer.entry_id), col(Offer.access)).subquery()


def _first_runs(session: Session) -> list[int | None]:
    asked = select_rows(func.min(Run.id)).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    return list(session.exec(asked).all())
