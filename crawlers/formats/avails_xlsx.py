"""Avails as XLSX: two rows of headers, then a licence a row. A workbook is hostile until it is read: bombs, damage, errors."""

import io
import re
import warnings
import zipfile
import zlib
from contextlib import redirect_stdout
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import DefusedXMLParser

from crawlers.formats.licence_rows import Line, Offer, as_minutes, told
from domain.common.errors import Problem

_SIZE_LIMIT = 32 * 2**20
_MEMBERS_LIMIT = 1000
_TAGS_LIMIT = 4_000_000
_HARMLESS_TAGS = 50_000
_OUTER_LIMIT = 500_000
_LARGE_PARTS = ("xl/worksheets/", "xl/sharedStrings")
_ROW_DEPTH = 3  # worksheet, sheetData, row
_ROWS_LIMIT = 100_000
_COLUMNS_LIMIT = 300
_HEADERS_WITHIN = 5
_NEEDED = frozenset(["LicenseType", "Territory", "WorkType"])
_ERRORS = frozenset("#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A".split())
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])(?:\.[0-9]+)?")

Licence = tuple[Line, Offer]


def sheet_licences(data: bytes, name: str) -> list[Licence]:
    """The licences of every Avails sheet of a workbook. Raises Problem when it is damaged, a bomb, or has no such sheet."""
    import openpyxl  # takes a fifth of a second, that collections of anything else need not wait for

    _require_small(data, name)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # openpyxl warns, and prints, about styles and extensions that it leaves out
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            tables = [found for sheet in book.worksheets if (found := _rows(sheet, name)) is not None]
    except Problem:
        raise
    except Exception:  # openpyxl raises whatever a damaged workbook makes it meet
        raise Problem(f"{name} : classeur XLSX endommagé ou illisible") from None
    if not tables:
        raise Problem(f"{name} : aucune feuille d'Avails dans le classeur (colonnes {', '.join(sorted(_NEEDED))} attendues)")
    return [_licence(row) for rows in tables for row in rows]


def _require_small(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            small = len(members) <= _MEMBERS_LIMIT and sum(member.file_size for member in members) <= _SIZE_LIMIT
            tame = small and all(_is_tame(member.filename, packed.read(member)) for member in members)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError, zlib.error, ParseError):
        raise Problem(f"{name} : classeur XLSX endommagé ou coupé") from None
    if not tame:
        raise Problem(f"{name} : classeur XLSX démesuré une fois décompressé")


def _is_tame(name: str, part: bytes) -> bool:
    """Whether a part of a workbook has no more rows, and no row more cells, than openpyxl may hold. Raises ParseError."""
    tags = part.count(b"<")
    if tags <= _HARMLESS_TAGS:
        return True
    if tags > _TAGS_LIMIT or not name.startswith(_LARGE_PARTS):
        return False
    rows = _Rows()
    parser = DefusedXMLParser(target=rows, forbid_dtd=True)
    try:
        parser.feed(part)
        parser.close()
    except _TooMany:
        return False
    return True


class _TooMany(Exception):
    """More elements than may be held."""


class _Rows:
    """Hears the parser, and counts rows (or whatever else stands at their depth) and what each holds."""

    def __init__(self) -> None:
        self._depth = self._outer = self._inner = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth <= _ROW_DEPTH:
            self._outer, self._inner = self._outer + 1, 0
        else:
            self._inner += 1
        if self._outer > _OUTER_LIMIT or self._inner > _HARMLESS_TAGS:
            raise _TooMany

    def end(self, tag: str) -> None:
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left to do at the end."""


def _rows(sheet: Any, name: str) -> list[dict[str, Any]] | None:
    """The rows of an Avails sheet by column name; None when the sheet is another one."""
    header: list[str] | None = None
    rows = []
    for number, cells in enumerate(sheet.iter_rows(max_row=_ROWS_LIMIT + 1, max_col=_COLUMNS_LIMIT, values_only=True)):
        if number >= _ROWS_LIMIT:
            raise Problem(f"{name} : feuille démesurée, plus de {_ROWS_LIMIT} lignes")
        if header is not None:
            if any(cells) and (row := _row(header, cells)):
                rows.append(row)
        elif set(cells) >= _NEEDED:
            header = [str(cell or "") for cell in cells]
        elif number >= _HEADERS_WITHIN:
            return None
    return None if header is None else rows


def _row(header: list[str], cells: tuple[Any, ...]) -> dict[str, Any]:
    """The filled cells of a row; nothing of an empty one, nor of the row that says which columns are compulsory."""
    filled = {column: cell for column, cell in zip(header, map(_value, cells), strict=True) if column and cell is not None}
    notes = sum(str(cell).startswith("/") for cell in filled.values())
    if 2 * notes >= len(filled):
        return {}
    return {column: cell for column, cell in filled.items() if not str(cell).startswith("//")}


def _value(cell: Any) -> Any:
    """A cell as text or as a number: a day is written in ISO 8601, an error of the workbook is no value."""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, str):
        cell = cell.strip()
        return None if not cell or cell in _ERRORS else cell
    return cell


def _licence(row: dict[str, Any]) -> Licence:
    titles = [row[f"{level}{what}"] for level in _levels(row) for what in _TITLES if f"{level}{what}" in row]
    line: Line = told(
        ref=_text(row.get("ALID") or row.get("ContentID")),
        title=next(iter(titles), None),
        other_titles=titles[1:2],
        year=row.get("ReleaseYear"),
        directors=_list(row.get("Director"), ";"),
        minutes=as_minutes(row.get("TotalRunTime"), _minutes_of_clock),
        kind=row.get("WorkType"),
        ids=told(eidr=row.get("TitleID"), eidr_edit=row.get("EditID"), alt=_text(row.get("AltID"))),
    )
    offer: Offer = told(
        mode=row.get("LicenseType"),
        price=_public_price(row),
        currency=row.get("PriceCurrency"),
        quality=row.get("FormatProfile"),
        languages=_list(row.get("AllowedLanguages"), ","),
        starts=row.get("Start"),
        ends=None if str(row.get("End")).lower() == "open" else row.get("End"),
        territories=_list(row.get("Territory"), ","),
        excluded=_list(row.get("TerritoryExclusion"), ","),
    )
    return line, offer


_TITLES = ("TitleDisplayUnlimited", "TitleInternalAlias")


def _levels(row: dict[str, Any]) -> tuple[str, ...]:
    """Which columns hold the titles of a row: a film's have no prefix, an episode's or a season's have theirs."""
    level = str(row.get("WorkType", "")).capitalize()
    return ("Episode", "Season", "Series") if level == "Episode" else ("", level)


def _public_price(row: dict[str, Any]) -> Any:
    return row.get("SRP") or (row.get("PriceValue") if row.get("PriceType") == "SRP" else None)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _list(value: Any, separator: str) -> list[str]:
    return [part.strip() for part in str(value or "").split(separator) if part.strip()]


def _minutes_of_clock(written: Any) -> int | None:
    """Minutes of « 01:56:20 ». Raises ValueError for anything else."""
    found = _CLOCK.fullmatch(str(written))
    if found is None:
        raise ValueError("durée attendue (01:56:20)")
    return round((int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])) / 60) or None
