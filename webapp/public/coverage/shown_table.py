"""Count tables as pages show them: as of one day, or two days or two states of knowledge side by side."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from domain.coverage.comparison import merge_side_by_side
from domain.coverage.corrections import LaterChanges, find_later_changes
from domain.coverage.dataset import DaySnapshot
from domain.coverage.registry import TABLE_KEYS, count_table_on
from domain.coverage.schema import CoverageTable, Knowledge, TableBody
from webapp.core.french import format_long_date
from webapp.public.coverage.params import CoverageQuery, get_day_moment

KNOWN_THEN_LABEL = "connu ce jour-là"
KNOWN_TODAY_LABEL = "connu aujourd’hui"


@dataclass(frozen=True)
class ShownTable:
    """Hold a table as a page shows it, what changed since the day, and how many films of the reference base changed.

    `body` is what is printed: two days, or two states of knowledge, side by side when they are asked for or differ.
    """

    table: CoverageTable
    body: TableBody
    later_changes: LaterChanges
    changed_film_count: int


def count_shown_table(db: Session, key: str, query: CoverageQuery) -> ShownTable:
    """Count a table, beside that of the other day asked for or, when figures differ, of what is known today."""
    day = DaySnapshot(db, query.at, query.filters)
    return _build_shown_table(day, key, query, get_later_changes(day), len(day.film_revisions))


def count_all_shown_tables(db: Session, query: CoverageQuery) -> list[ShownTable]:
    """Count every table of a day, reading the films once."""
    day = DaySnapshot(db, query.at, query.filters)
    later_changes = get_later_changes(day)
    shown_tables = []
    for key in TABLE_KEYS:
        shown_tables.append(_build_shown_table(day, key, query, later_changes, len(day.film_revisions)))
        db.commit()  # as long as a reading transaction lasts, SQLite may keep collections from writing
    return shown_tables


def get_later_changes(day: DaySnapshot) -> LaterChanges:
    """Return what changed since a day that is counted as it was known then."""
    return find_later_changes(day) if day.filters.knowledge is Knowledge.THEN else LaterChanges(0, (), 0)


def _build_shown_table(
    day: DaySnapshot, key: str, query: CoverageQuery, later_changes: LaterChanges, changed_film_count: int
) -> ShownTable:
    table = count_table_on(day, key)
    body = table.body
    if query.compared_day:
        compared_body = count_table_on(day.as_of(get_day_moment(query.compared_day)), key).body
        body = _merge_bodies(body, compared_body, (format_long_date(query.day), format_long_date(query.compared_day)))
    elif later_changes or changed_film_count:
        current_knowledge = DaySnapshot(day.session, day.at, replace(day.filters, knowledge=Knowledge.TODAY))
        current_body = count_table_on(current_knowledge, key).body
        if current_body.rows != body.rows:
            body = _merge_bodies(body, current_body, (KNOWN_THEN_LABEL, KNOWN_TODAY_LABEL))
    return ShownTable(table, body, later_changes, changed_film_count)


def _merge_bodies(body: TableBody, other: TableBody, names: tuple[str, str]) -> TableBody:
    return replace(merge_side_by_side(body, other, names), notes=body.notes, unknown=body.unknown)
