"""Show each table as of a day: the list of tables, a table's page, its files."""

from datetime import UTC, datetime

from flask import Response, abort, request

from domain.common.pagination import count_pages
from domain.common.text import format_count as format_plain_count
from domain.coverage.registry import TABLE_KEYS, TableDefinition, load_definitions
from domain.coverage.schema import CountryRule, Knowledge, LanguageRule
from search.filters import ACCESS_CHOICES
from webapp.core.context import RequestError, cache_for_period, open_db_session, render_page
from webapp.core.french import format_number
from webapp.public.coverage.cells import build_bars, build_corrections_table, format_cell, format_changes
from webapp.public.coverage.counting_slot import reserve_counting_slot
from webapp.public.coverage.files import render_csv, render_workbook
from webapp.public.coverage.params import CoverageQuery, parse_coverage_query
from webapp.public.coverage.shown_table import KNOWN_THEN_LABEL, KNOWN_TODAY_LABEL, ShownTable, count_shown_table

ROWS_PER_PAGE = 50
_XLSX_MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHOICE_LABELS = {
    CountryRule.FIRST: "premier pays de la base",
    CountryRule.ANY: "tous les pays de la base",
    LanguageRule.TOLD: "d’après les versions et les titres originaux",
    LanguageRule.COUNTRY: "d’après le pays (France)",
}
_KNOWLEDGE_LABELS = {Knowledge.THEN: KNOWN_THEN_LABEL, Knowledge.TODAY: KNOWN_TODAY_LABEL}


def describe_table(query: CoverageQuery, shown_table: ShownTable) -> list[tuple[str, str]]:
    """Return what a table counts, in words: services, accesses, choices, the entries that no film counts."""
    choices = load_definitions()[shown_table.table.key].choices
    services = ", ".join(choice.name for choice in query.services.choices if choice.chosen)
    description = [("Services", services or "tous"), ("Accès", ", ".join(query.accesses) or "tous")]
    if "country" in choices:
        description.append(("Nationalité", _CHOICE_LABELS[query.filters.country]))
    if "language" in choices:
        description.append(("Expression française", _CHOICE_LABELS[query.filters.language]))
    description.append(("Connaissance", _KNOWLEDGE_LABELS[query.filters.knowledge]))
    description.append(("Lignes non reliées", _format_uncounted_entries(shown_table)))
    if shown_table.table.body.unknown:
        description.append(("Inconnu dans la base", format_plain_count(shown_table.table.body.unknown, "film")))
    return description


def _format_uncounted_entries(shown_table: ShownTable) -> str:
    counts = shown_table.table.entry_counts
    total = format_number(counts.linked + counts.uncounted)
    doubtful = format_number(counts.doubtful)
    return f"{format_number(counts.uncounted)}, dont {doubtful} en attente d’une personne, sur {total}"


def _get_definition_or_404(key: str) -> TableDefinition:
    if key not in TABLE_KEYS:
        abort(404)
    return load_definitions()[key]


def list_tables() -> Response:
    """List the tables, and lead to the report of a month."""
    with open_db_session() as db:
        query = parse_coverage_query(db, request.args)
    return render_page("public/coverage/tables.html", datetime.now(UTC), query=query, definitions=load_definitions())


def show_table(key: str) -> Response:
    """Show a table as of a day, fifty rows a page."""
    definition = _get_definition_or_404(key)
    with reserve_counting_slot(), open_db_session() as db:
        query = parse_coverage_query(db, request.args)
        shown_table = count_shown_table(db, key, query)
    page_count = count_pages(len(shown_table.body.rows), ROWS_PER_PAGE)
    if query.page > page_count:
        raise RequestError(f"Il n’y a que {format_plain_count(page_count, 'page')} (paramètre « page »).")
    return render_page(
        "public/coverage/table.html",
        datetime.now(UTC),
        key=key,
        definition=definition,
        query=query,
        shown_table=shown_table,
        rows=shown_table.body.rows[(query.page - 1) * ROWS_PER_PAGE : query.page * ROWS_PER_PAGE],
        page_count=page_count,
        description=describe_table(query, shown_table),
        bars=build_bars(shown_table.table.body),
        changes=format_changes(shown_table.later_changes, shown_table.changed_film_count),
        corrections=build_corrections_table(shown_table.later_changes),
        format_cell=format_cell,
        accesses=ACCESS_CHOICES,
    )


def download_table(key: str, kind: str) -> Response:
    """Send a table as a file: the figures of the day as it was known then, unless two days or another state are asked for."""
    _get_definition_or_404(key)
    with reserve_counting_slot(), open_db_session() as db:
        query = parse_coverage_query(db, request.args)
        shown_table = count_shown_table(db, key, query)
    if kind == "csv":
        body = shown_table.body if query.compared_day else shown_table.table.body
        response = Response(render_csv(body), mimetype="text/csv")
    else:
        workbook = render_workbook(shown_table.table, shown_table.body, describe_table(query, shown_table))
        response = Response(workbook, mimetype=_XLSX_MIMETYPE)
    response.headers["Content-Disposition"] = f"attachment; filename={key}-{query.day.isoformat()}.{kind}"
    return cache_for_period(response, datetime.now(UTC))
