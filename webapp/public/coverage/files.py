"""A table as a file: CSV, the same to the byte for a past day, and a spreadsheet; no cell of either is ever a formula."""

import csv
import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from domain.coverage.schema import Body, Cell, Table, Unit
from webapp.core.french import long_date

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORMATS = {Unit.SHARE: "0.0%", Unit.MONEY: "0.00"}
_TITLE_ROOM = 31


def csv_text(body: Body) -> str:
    """UTF-8, commas: shares from 0 to 1, prices in euros, empty where unknown.

    A text that a spreadsheet would run is quoted by « ' ».
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([_inert(column.label) for column in body.columns])
    for row in body.rows:
        table.writerow([_written(cell, column.unit) for cell, column in zip(row, body.columns, strict=True)])
    return text.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(cell: Cell, unit: Unit) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _inert(cell)
    if unit is Unit.SHARE:
        return f"{cell:.4f}"
    return f"{cell / 100:.2f}" if unit is Unit.MONEY else f"{cell:g}" if isinstance(cell, float) else str(cell)


def workbook(table: Table, body: Body, about: Iterable[tuple[str, str]]) -> bytes:
    """A workbook of two sheets: the figures, and what they are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.key.upper()[:_TITLE_ROOM])
    _append(sheet, [column.label for column in body.columns])
    for row in body.rows:
        _append(sheet, row, [column.unit for column in body.columns])
    notes = book.create_sheet("Méthode")
    told = [("Titre", table.title), ("Jour", long_date(table.at)), *about, ("Méthode", table.method)]
    for line in [*told, *(("Note", note) for note in body.notes)]:
        _append(notes, line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _append(sheet: WriteOnlyWorksheet, cells: Iterable[Cell], units: list[Unit] | None = None) -> None:
    made = []
    for place, value in enumerate(cells):
        unit = units[place] if units else Unit.TEXT
        cell = WriteOnlyCell(sheet, value / 100 if unit is Unit.MONEY and isinstance(value, int | float) else value)
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with « = » would be taken for a formula
        elif unit in _FORMATS:
            cell.number_format = _FORMATS[unit]
        made.append(cell)
    sheet.append(made)
