"""Avails as XLSX: two rows of headers, then a licence a row. A workbook is hostile until it is read: bombs, damage, errors."""

import io
import warnings
import zipfile
import zlib
from contextlib import redirect_stdout
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import DefusedXMLParser

from crawlers.formats.licence_rows import FeedLine, FeedOffer, omit_empty, read_minutes
from domain.common.errors import UserError
from domain.common.parsing import parse_clock_duration, round_minutes

_SIZE_LIMIT = 32 * 2**20
_MEMBERS_LIMIT = 1000
_TAGS_LIMIT = 4_000_000
_UNCHECKED_TAGS_LIMIT = 50_000
_OUTER_ELEMENTS_LIMIT = 500_000
_LARGE_PART_PREFIXES = ("xl/worksheets/", "xl/sharedStrings")
_ROW_DEPTH = 3  # worksheet, sheetData, row
_ROWS_LIMIT = 100_000
_COLUMNS_LIMIT = 300
_HEADER_SEARCH_ROWS = 5
_REQUIRED_COLUMNS = frozenset(["LicenseType", "Territory", "WorkType"])
_ERROR_VALUES = frozenset("#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A".split())

Licence = tuple[FeedLine, FeedOffer]


def read_xlsx_licences(data: bytes, name: str) -> list[Licence]:
    """The licences of every Avails sheet of a workbook. Raises Problem when it is damaged, a bomb, or has no such sheet."""
    import openpyxl  # takes a fifth of a second, that collections of anything else need not wait for

    _require_small(data, name)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # openpyxl warns, and prints, about styles and extensions that it leaves out
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            tables = [found for sheet in book.worksheets if (found := _read_rows(sheet, name)) is not None]
    except UserError:
        raise
    except Exception:  # openpyxl raises whatever a damaged workbook makes it meet
        raise UserError(f"{name} : classeur XLSX endommagé ou illisible") from None
    if not tables:
        raise UserError(
            f"{name} : aucune feuille d'Avails dans le classeur (colonnes {', '.join(sorted(_REQUIRED_COLUMNS))} attendues)"
        )
    return [_build_licence(row) for rows in tables for row in rows]


def _require_small(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            small = len(members) <= _MEMBERS_LIMIT and sum(member.file_size for member in members) <= _SIZE_LIMIT
            tame = small and all(_is_within_limits(member.filename, packed.read(member)) for member in members)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError, zlib.error, ParseError):
        raise UserError(f"{name} : classeur XLSX endommagé ou coupé") from None
    if not tame:
        raise UserError(f"{name} : classeur XLSX démesuré une fois décompressé")


def _is_within_limits(name: str, part: bytes) -> bool:
    """Whether a part of a workbook has no more rows, and no row more cells, than openpyxl may hold. Raises ParseError."""
    tags = part.count(b"<")
    if tags <= _UNCHECKED_TAGS_LIMIT:
        return True
    if tags > _TAGS_LIMIT or not name.startswith(_LARGE_PART_PREFIXES):
        return False
    rows = _RowCounter()
    parser = DefusedXMLParser(target=rows, forbid_dtd=True)
    try:
        parser.feed(part)
        parser.close()
    except _TooManyElementsError:
        return False
    return True


class _TooManyElementsError(Exception):
    """More elements than may be held."""


class _RowCounter:
    """Hears the parser, and counts rows (or whatever else stands at their depth) and what each holds."""

    def __init__(self) -> None:
        self._depth = self._outer = self._inner = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth <= _ROW_DEPTH:
            self._outer, self._inner = self._outer + 1, 0
        else:
            self._inner += 1
        if self._outer > _OUTER_ELEMENTS_LIMIT or self._inner > _UNCHECKED_TAGS_LIMIT:
            raise _TooManyElementsError

    def end(self, tag: str) -> None:
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left to do at the end."""


def _read_rows(sheet: Any, name: str) -> list[dict[str, Any]] | None:
    """The rows of an Avails sheet by column name; None when the sheet is another one."""
    header: list[str] | None = None
    rows = []
    for number, cells in enumerate(sheet.iter_rows(max_row=_ROWS_LIMIT + 1, max_col=_COLUMNS_LIMIT, values_only=True)):
        if number >= _ROWS_LIMIT:
            raise UserError(f"{name} : feuille démesurée, plus de {_ROWS_LIMIT} lignes")
        if header is not None:
            if any(cells) and (row := _read_row(header, cells)):
                rows.append(row)
        elif set(cells) >= _REQUIRED_COLUMNS:
            header = [str(cell or "") for cell in cells]
        elif number >= _HEADER_SEARCH_ROWS:
            return None
    return None if header is None else rows


def _read_row(header: list[str], cells: tuple[Any, ...]) -> dict[str, Any]:
    """The filled cells of a row; nothing of an empty one, nor of the row that says which columns are compulsory."""
    filled = {
        column: cell for column, cell in zip(header, map(_normalise_cell, cells), strict=True) if column and cell is not None
    }
    notes = sum(str(cell).startswith("/") for cell in filled.values())
    if 2 * notes >= len(filled):
        return {}
    return {column: cell for column, cell in filled.items() if not str(cell).startswith("//")}


def _normalise_cell(cell: Any) -> Any:
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
        return None if not cell or cell in _ERROR_VALUES else cell
    return cell


def _build_licence(row: dict[str, Any]) -> Licence:
    titles = [row[f"{level}{what}"] for level in _get_title_levels(row) for what in _TITLE_COLUMNS if f"{level}{what}" in row]
    line: FeedLine = omit_empty(
        ref=_to_text(row.get("ALID") or row.get("ContentID")),
        title=next(iter(titles), None),
        other_titles=titles[1:2],
        year=row.get("ReleaseYear"),
        directors=_split_list(row.get("Director"), ";"),
        minutes=read_minutes(row.get("TotalRunTime"), _parse_clock_minutes),
        kind=row.get("WorkType"),
        ids=omit_empty(eidr=row.get("TitleID"), eidr_edit=row.get("EditID"), alt=_to_text(row.get("AltID"))),
    )
    offer: FeedOffer = omit_empty(
        mode=row.get("LicenseType"),
        price=_get_public_price(row),
        currency=row.get("PriceCurrency"),
        quality=row.get("FormatProfile"),
        languages=_split_list(row.get("AllowedLanguages"), ","),
        starts=row.get("Start"),
        ends=None if str(row.get("End")).lower() == "open" else row.get("End"),
        territories=_split_list(row.get("Territory"), ","),
        excluded=_split_list(row.get("TerritoryExclusion"), ","),
    )
    return line, offer


_TITLE_COLUMNS = ("TitleDisplayUnlimited", "TitleInternalAlias")


def _get_title_levels(row: dict[str, Any]) -> tuple[str, ...]:
    """Which columns hold the titles of a row: a film's have no prefix, an episode's or a season's have theirs."""
    level = str(row.get("WorkType", "")).capitalize()
    return ("Episode", "Season", "Series") if level == "Episode" else ("", level)


def _get_public_price(row: dict[str, Any]) -> Any:
    return row.get("SRP") or (row.get("PriceValue") if row.get("PriceType") == "SRP" else None)


def _to_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _split_list(value: Any, separator: str) -> list[str]:
    return [part.strip() for part in str(value or "").split(separator) if part.strip()]


def _parse_clock_minutes(written: Any) -> int | None:
    """Return the minutes of « 01:56:20 ». Raises ValueError when it is no duration."""
    return round_minutes(parse_clock_duration(str(written)))
