"""Each table as of a day: its page, its files."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from sqlmodel import Session

from domain.common.text import counted
from domain.coverage.comparison import side_by_side
from domain.coverage.corrections import Since, changed_since
from domain.coverage.dataset import Day
from domain.coverage.registry import KEYS, Definition, count_on, definitions
from domain.coverage.schema import Body, CountryRule, Known, LanguageRule, Table
from search.filters import ACCESSES
from webapp.core.context import Refusal, keep_for_period, page, session
from webapp.core.french import long_date, number
from webapp.public.coverage.cells import bars, cell_text, changes, corrections
from webapp.public.coverage.files import csv_text, workbook
from webapp.public.coverage.params import Asked, moment_of, read_asked
from webapp.public.coverage.semaphore import in_turn
from webapp.public.coverage.summary import pages

ROWS = 50
THEN, TODAY = "connu ce jour-là", "connu aujourd’hui"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHOICES = {
    CountryRule.FIRST: "premier pays de la base",
    CountryRule.ANY: "tous les pays de la base",
    LanguageRule.TOLD: "d’après les versions et les titres originaux",
    LanguageRule.COUNTRY: "d’après le pays (France)",
}


@dataclass(frozen=True)
class Shown:
    """A table as a page shows it; what changed since the day, and how many films of the base changed.

    `body` is what is printed: two days, or two states of knowledge, side by side when they are asked for or differ.
    """

    table: Table
    body: Body
    since: Since
    films_changed: int


def show(db: Session, key: str, asked: Asked) -> Shown:
    """Counts a table. Two days asked for stand side by side; else two states of knowledge do, when figures differ."""
    day = Day(db, asked.at, asked.filters)
    return _shown(day, key, asked, changed(day), len(day.past))


def _shown(day: Day, key: str, asked: Asked, since: Since, films: int) -> Shown:
    table = count_on(day, key)
    body = table.body
    if asked.beside:
        other = count_on(day.other(moment_of(asked.beside)), key).body
        names = long_date(asked.day), long_date(asked.beside)
        body = _joined(body, other, names)
    elif since or films:
        today = count_on(Day(day.session, day.at, replace(day.filters, known=Known.TODAY)), key).body
        body = _joined(body, today, (THEN, TODAY)) if today.rows != body.rows else body
    return Shown(table, body, since, films)


def show_all(db: Session, asked: Asked) -> list[Shown]:
    """Every table of a day, the base read once."""
    day = Day(db, asked.at, asked.filters)
    since, shown = changed(day), list[Shown]()
    for key in KEYS:
        shown.append(_shown(day, key, asked, since, len(day.past)))
        db.commit()  # as long as a reading transaction lasts, SQLite may keep collections from writing
    return shown


def _joined(one: Body, other: Body, names: tuple[str, str]) -> Body:
    return replace(side_by_side(one, other, names), notes=one.notes, unknown=one.unknown)


def changed(day: Day) -> Since:
    """What changed since, of a day that is told as it was known then."""
    return changed_since(day) if day.filters.known is Known.THEN else Since(0, (), 0)


def about(asked: Asked, shown: Shown) -> list[tuple[str, str]]:
    """What a table counts, in words: services, accesses, choices, lines that no film counts."""
    defined, lines = definitions()[shown.table.key], shown.table.lines
    services = ", ".join(choice.name for choice in asked.services.choices if choice.chosen) or "tous"
    told = [("Services", services), ("Accès", ", ".join(asked.accesses) or "tous")]
    if "country" in defined.choices:
        told.append(("Nationalité", _CHOICES[asked.filters.country]))
    if "language" in defined.choices:
        told.append(("Expression française", _CHOICES[asked.filters.language]))
    left = (
        f"{number(lines.left)}, dont {number(lines.doubtful)} en attente d’une personne, sur {number(lines.linked + lines.left)}"
    )
    told += [("Connaissance", THEN if asked.filters.known is Known.THEN else TODAY), ("Lignes non reliées", left)]
    return [*told, ("Inconnu dans la base", counted(shown.table.body.unknown, "film"))] if shown.table.body.unknown else told


def _known(key: str) -> Definition:
    return definitions()[key] if key in KEYS else abort(404)


@pages.get("/couverture/tableaux")
def all_tables() -> Response:
    """The list of tables, and of months."""
    with session() as db:
        asked = read_asked(db, request.args)
    return page("public/coverage/tables.html", datetime.now(UTC), asked=asked, definitions=definitions())


@pages.get("/couverture/tableaux/<key>")
def one_table(key: str) -> Response:
    """A table as of a day, fifty lines a page."""
    defined = _known(key)
    with in_turn(), session() as db:
        asked = read_asked(db, request.args)
        shown = show(db, key, asked)
    last = max(1, -(-len(shown.body.rows) // ROWS))
    if asked.page > last:
        raise Refusal(f"Il n’y a que {counted(last, 'page')} (paramètre « page »).")
    rows = shown.body.rows[(asked.page - 1) * ROWS : asked.page * ROWS]
    facts: dict[str, Any] = {
        "shown": shown,
        "rows": rows,
        "last": last,
        "about": about(asked, shown),
        "bars": bars(shown.table.body),
    }
    facts |= {"changes": changes(shown.since, shown.films_changed), "corrections": corrections(shown.since)}
    return page(
        "public/coverage/table.html",
        datetime.now(UTC),
        key=key,
        defined=defined,
        asked=asked,
        cell=cell_text,
        accesses=ACCESSES,
        **facts,
    )


@pages.get("/couverture/tableaux/<key>.<any(csv, xlsx):kind>")
def file(key: str, kind: str) -> Response:
    """A table as a file: the figures of the day as it was known then, unless two days or another state are asked for."""
    _known(key)
    with in_turn(), session() as db:
        asked = read_asked(db, request.args)
        shown = show(db, key, asked)
    if kind == "csv":
        answer = Response(csv_text(shown.body if asked.beside else shown.table.body), mimetype="text/csv")
    else:
        answer = Response(workbook(shown.table, shown.body, about(asked, shown)), mimetype=_SHEET)
    name = f"{key}-{asked.day.isoformat()}.{kind}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return keep_for_period(answer, datetime.now(UTC))
