"""Each table as of a day: its page, its files."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from sqlmodel import Session

from domain.common.text import format_count
from domain.coverage.comparison import merge_side_by_side
from domain.coverage.corrections import LaterChanges, find_later_changes
from domain.coverage.dataset import DaySnapshot
from domain.coverage.registry import TABLE_KEYS, TableDefinition, count_table_on, load_definitions
from domain.coverage.schema import CountryRule, CoverageTable, Knowledge, LanguageRule, TableBody
from search.filters import ACCESS_CHOICES
from webapp.core.context import RequestError, cache_for_period, open_db_session, render_page
from webapp.core.french import format_long_date, format_number
from webapp.public.coverage.cells import build_bars, build_corrections_table, format_cell, format_changes
from webapp.public.coverage.counting_slot import reserve_counting_slot
from webapp.public.coverage.files import render_csv, render_workbook
from webapp.public.coverage.params import CoverageQuery, get_day_moment, parse_coverage_query

ROWS_PER_PAGE = 50
KNOWN_THEN_LABEL, KNOWN_TODAY_LABEL = "connu ce jour-là", "connu aujourd’hui"
_XLSX_MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHOICE_LABELS = {
    CountryRule.FIRST: "premier pays de la base",
    CountryRule.ANY: "tous les pays de la base",
    LanguageRule.TOLD: "d’après les versions et les titres originaux",
    LanguageRule.COUNTRY: "d’après le pays (France)",
}


@dataclass(frozen=True)
class ShownTable:
    """A table as a page shows it; what changed since the day, and how many films of the base changed.

    `body` is what is printed: two days, or two states of knowledge, side by side when they are asked for or differ.
    """

    table: CoverageTable
    body: TableBody
    later_changes: LaterChanges
    changed_film_count: int


def count_shown_table(db: Session, key: str, query: CoverageQuery) -> ShownTable:
    """Counts a table. Two days asked for stand side by side; else two states of knowledge do, when figures differ."""
    day = DaySnapshot(db, query.at, query.filters)
    return _build_shown_table(day, key, query, get_later_changes(day), len(day.film_revisions))


def _build_shown_table(
    day: DaySnapshot, key: str, query: CoverageQuery, later_changes: LaterChanges, changed_film_count: int
) -> ShownTable:
    table = count_table_on(day, key)
    body = table.body
    if query.compared_day:
        other = count_table_on(day.as_of(get_day_moment(query.compared_day)), key).body
        names = format_long_date(query.day), format_long_date(query.compared_day)
        body = _merge_bodies(body, other, names)
    elif later_changes or changed_film_count:
        today = count_table_on(DaySnapshot(day.session, day.at, replace(day.filters, knowledge=Knowledge.TODAY)), key).body
        body = _merge_bodies(body, today, (KNOWN_THEN_LABEL, KNOWN_TODAY_LABEL)) if today.rows != body.rows else body
    return ShownTable(table, body, later_changes, changed_film_count)


def count_all_shown_tables(db: Session, query: CoverageQuery) -> list[ShownTable]:
    """Every table of a day, the base read once."""
    day = DaySnapshot(db, query.at, query.filters)
    since, shown = get_later_changes(day), list[ShownTable]()
    for key in TABLE_KEYS:
        shown.append(_build_shown_table(day, key, query, since, len(day.film_revisions)))
        db.commit()  # as long as a reading transaction lasts, SQLite may keep collections from writing
    return shown


def _merge_bodies(one: TableBody, other: TableBody, names: tuple[str, str]) -> TableBody:
    return replace(merge_side_by_side(one, other, names), notes=one.notes, unknown=one.unknown)


def get_later_changes(day: DaySnapshot) -> LaterChanges:
    """What changed since, of a day that is told as it was known then."""
    return find_later_changes(day) if day.filters.knowledge is Knowledge.THEN else LaterChanges(0, (), 0)


def describe_table(query: CoverageQuery, shown: ShownTable) -> list[tuple[str, str]]:
    """What a table counts, in words: services, accesses, choices, lines that no film counts."""
    defined, lines = load_definitions()[shown.table.key], shown.table.entry_counts
    services = ", ".join(choice.name for choice in query.services.choices if choice.chosen) or "tous"
    told = [("Services", services), ("Accès", ", ".join(query.accesses) or "tous")]
    if "country" in defined.choices:
        told.append(("Nationalité", _CHOICE_LABELS[query.filters.country]))
    if "language" in defined.choices:
        told.append(("Expression française", _CHOICE_LABELS[query.filters.language]))
    total = format_number(lines.linked + lines.uncounted)
    doubtful = format_number(lines.doubtful)
    left = f"{format_number(lines.uncounted)}, dont {doubtful} en attente d’une personne, sur {total}"
    told += [
        ("Connaissance", KNOWN_THEN_LABEL if query.filters.knowledge is Knowledge.THEN else KNOWN_TODAY_LABEL),
        ("Lignes non reliées", left),
    ]
    return [*told, ("Inconnu dans la base", format_count(shown.table.body.unknown, "film"))] if shown.table.body.unknown else told


def _get_definition_or_404(key: str) -> TableDefinition:
    return load_definitions()[key] if key in TABLE_KEYS else abort(404)


def list_tables() -> Response:
    """The list of tables, and of months."""
    with open_db_session() as db:
        asked = parse_coverage_query(db, request.args)
    return render_page("public/coverage/tables.html", datetime.now(UTC), asked=asked, definitions=load_definitions())


def show_table(key: str) -> Response:
    """A table as of a day, fifty lines a page."""
    defined = _get_definition_or_404(key)
    with reserve_counting_slot(), open_db_session() as db:
        asked = parse_coverage_query(db, request.args)
        shown = count_shown_table(db, key, asked)
    last = max(1, -(-len(shown.body.rows) // ROWS_PER_PAGE))
    if asked.page > last:
        raise RequestError(f"Il n’y a que {format_count(last, 'page')} (paramètre « page »).")
    rows = shown.body.rows[(asked.page - 1) * ROWS_PER_PAGE : asked.page * ROWS_PER_PAGE]
    facts: dict[str, Any] = {
        "shown": shown,
        "rows": rows,
        "last": last,
        "about": describe_table(asked, shown),
        "bars": build_bars(shown.table.body),
    }
    facts |= {
        "changes": format_changes(shown.later_changes, shown.changed_film_count),
        "corrections": build_corrections_table(shown.later_changes),
    }
    return render_page(
        "public/coverage/table.html",
        datetime.now(UTC),
        key=key,
        defined=defined,
        asked=asked,
        cell=format_cell,
        accesses=ACCESS_CHOICES,
        **facts,
    )


def download_table(key: str, kind: str) -> Response:
    """A table as a file: the figures of the day as it was known then, unless two days or another state are asked for."""
    _get_definition_or_404(key)
    with reserve_counting_slot(), open_db_session() as db:
        asked = parse_coverage_query(db, request.args)
        shown = count_shown_table(db, key, asked)
    if kind == "csv":
        answer = Response(render_csv(shown.body if asked.compared_day else shown.table.body), mimetype="text/csv")
    else:
        answer = Response(render_workbook(shown.table, shown.body, describe_table(asked, shown)), mimetype=_XLSX_MIMETYPE)
    name = f"{key}-{asked.day.isoformat()}.{kind}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return cache_for_period(answer, datetime.now(UTC))
