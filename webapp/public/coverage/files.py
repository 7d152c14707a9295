"""Write a table as a CSV file, the same to the byte for a past day, or as a workbook; no cell of either is ever a formula."""

import csv
import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import Cell as WorkbookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from domain.coverage.schema import Cell, CoverageTable, TableBody, Unit
from webapp.core.french import format_long_date
from webapp.core.spreadsheet import escape_formula

_NUMBER_FORMATS = {Unit.SHARE: "0.0%", Unit.MONEY: "0.00"}
_MAX_SHEET_TITLE = 31


def render_csv(body: TableBody) -> str:
    """Return the table as CSV, with commas: shares from 0 to 1, prices in euros, empty where unknown.

    A text that a spreadsheet would run starts with « ' ».
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([escape_formula(column.label) for column in body.columns])
    for row in body.rows:
        writer.writerow([_format_cell(cell, column.unit) for cell, column in zip(row, body.columns, strict=True)])
    return text.getvalue()


def _format_cell(cell: Cell, unit: Unit) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return escape_formula(cell)
    if unit is Unit.SHARE:
        return f"{cell:.4f}"
    if unit is Unit.MONEY:
        return f"{cell / 100:.2f}"
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def render_workbook(table: CoverageTable, body: TableBody, description: Iterable[tuple[str, str]]) -> bytes:
    """Return a workbook of two sheets: the figures, and what they are."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(table.key.upper()[:_MAX_SHEET_TITLE])
    _append_texts(sheet, [column.label for column in body.columns])
    for row in body.rows:
        sheet.append([_build_cell(sheet, value, column.unit) for value, column in zip(row, body.columns, strict=True)])
    notes_sheet = workbook.create_sheet("Méthode")
    _append_texts(notes_sheet, ("Titre", table.title))
    _append_texts(notes_sheet, ("Jour", format_long_date(table.at)))
    for name_and_value in description:
        _append_texts(notes_sheet, name_and_value)
    _append_texts(notes_sheet, ("Méthode", table.method))
    for note in body.notes:
        _append_texts(notes_sheet, ("Note", note))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _append_texts(sheet: WriteOnlyWorksheet, texts: Iterable[str]) -> None:
    sheet.append([_build_cell(sheet, text, Unit.TEXT) for text in texts])


def _build_cell(sheet: WriteOnlyWorksheet, value: Cell, unit: Unit) -> WorkbookCell:
    if unit is Unit.MONEY and isinstance(value, int | float):
        value = value / 100
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with « = » would be taken for a formula
    elif unit in _NUMBER_FORMATS:
        cell.number_format = _NUMBER_FORMATS[unit]
    return cell
