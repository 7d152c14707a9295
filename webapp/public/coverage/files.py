"""A table as a file: CSV, the same to the byte for a past day, and a spreadsheet; no cell of either is ever a formula."""

import csv
import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from domain.coverage.schema import Cell, CoverageTable, TableBody, Unit
from webapp.core.french import format_long_date

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
_NUMBER_FORMATS = {Unit.SHARE: "0.0%", Unit.MONEY: "0.00"}
_MAX_SHEET_TITLE = 31


def render_csv(body: TableBody) -> str:
    """UTF-8, commas: shares from 0 to 1, prices in euros, empty where unknown.

    A text that a spreadsheet would run is quoted by « ' ».
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([_neutralise_formula(column.label) for column in body.columns])
    for row in body.rows:
        table.writerow([_format_cell(cell, column.unit) for cell, column in zip(row, body.columns, strict=True)])
    return text.getvalue()


def _neutralise_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_PREFIXES) else text


def _format_cell(cell: Cell, unit: Unit) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _neutralise_formula(cell)
    if unit is Unit.SHARE:
        return f"{cell:.4f}"
    return f"{cell / 100:.2f}" if unit is Unit.MONEY else f"{cell:g}" if isinstance(cell, float) else str(cell)


def render_workbook(table: CoverageTable, body: TableBody, description: Iterable[tuple[str, str]]) -> bytes:
    """A workbook of two sheets: the figures, and what they are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.key.upper()[:_MAX_SHEET_TITLE])
    _append_row(sheet, [column.label for column in body.columns])
    for row in body.rows:
        _append_row(sheet, row, [column.unit for column in body.columns])
    notes = book.create_sheet("Méthode")
    told = [("Titre", table.title), ("Jour", format_long_date(table.at)), *description, ("Méthode", table.method)]
    for line in [*told, *(("Note", note) for note in body.notes)]:
        _append_row(notes, line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _append_row(sheet: WriteOnlyWorksheet, cells: Iterable[Cell], units: list[Unit] | None = None) -> None:
    made = []
    for place, value in enumerate(cells):
        unit = units[place] if units else Unit.TEXT
        cell = WriteOnlyCell(sheet, value / 100 if unit is Unit.MONEY and isinstance(value, int | float) else value)
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with « = » would be taken for a formula
        elif unit in _NUMBER_FORMATS:
            cell.number_format = _NUMBER_FORMATS[unit]
        made.append(cell)
    sheet.append(made)
