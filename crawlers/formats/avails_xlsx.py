"""Read Avails as XLSX: two rows of headers, then a licence a row."""

import io
import warnings
from contextlib import redirect_stdout
from datetime import date, datetime, time, timedelta
from typing import Any

from crawlers.formats.feed_rows import FeedOffer, FeedRow, Licence, convert_duration, get_first_item, omit_empty
from crawlers.formats.xlsx_limits import require_small_workbook
from domain.common.errors import UserError
from domain.common.parsing import parse_clock_duration, round_minutes

_ROWS_LIMIT = 100_000
_COLUMNS_LIMIT = 300
_HEADER_SEARCH_ROWS = 5
_REQUIRED_COLUMNS = frozenset(["LicenseType", "Territory", "WorkType"])
_ERROR_VALUES = frozenset("#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A".split())
_TITLE_COLUMNS = ("TitleDisplayUnlimited", "TitleInternalAlias")
_NOTE_PREFIX = "/"
_CELL_NOTE_PREFIX = "//"
SheetRow = dict[str, Any]


def read_xlsx_licences(data: bytes, name: str) -> list[Licence]:
    """Return the licences of every Avails sheet. Raises UserError when the workbook is damaged, a bomb, or has no such sheet."""
    require_small_workbook(data, name)
    sheets = _read_sheets(data, name)
    if not sheets:
        columns = ", ".join(sorted(_REQUIRED_COLUMNS))
        raise UserError(f"{name} : aucune feuille d'Avails dans le classeur (colonnes {columns} attendues)")
    return [_build_licence(row) for rows in sheets for row in rows]


def _read_sheets(data: bytes, name: str) -> list[list[SheetRow]]:
    import openpyxl  # takes a fifth of a second, that collections of anything else need not wait for

    sheets = []
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # openpyxl warns, and prints, about styles and extensions that it leaves out
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                rows = _read_rows(sheet, name)
                if rows is not None:
                    sheets.append(rows)
    except UserError:
        raise
    except Exception:  # openpyxl raises whatever a damaged workbook makes it meet
        raise UserError(f"{name} : classeur XLSX endommagé ou illisible") from None
    return sheets


def _read_rows(sheet: Any, name: str) -> list[SheetRow] | None:
    """Return the rows of an Avails sheet by column name; None when the sheet is another one."""
    header: list[str] | None = None
    rows = []
    for index, cells in enumerate(sheet.iter_rows(max_row=_ROWS_LIMIT + 1, max_col=_COLUMNS_LIMIT, values_only=True)):
        if index >= _ROWS_LIMIT:
            raise UserError(f"{name} : feuille démesurée, plus de {_ROWS_LIMIT} lignes")
        if header is not None:
            row = _read_row(header, cells)
            if row:
                rows.append(row)
        elif set(cells) >= _REQUIRED_COLUMNS:
            header = [str(cell or "") for cell in cells]
        elif index >= _HEADER_SEARCH_ROWS:
            return None
    if header is None:
        return None
    return rows


def _read_row(header: list[str], cells: tuple[Any, ...]) -> SheetRow:
    """Return the filled cells; nothing of an empty row, nor of the row that says which columns are compulsory."""
    if not any(cells):
        return {}
    normalised = zip(header, map(_normalise_cell, cells), strict=True)
    filled = {column: cell for column, cell in normalised if column and cell is not None}
    note_count = sum(str(cell).startswith(_NOTE_PREFIX) for cell in filled.values())
    if 2 * note_count >= len(filled):
        return {}
    return {column: cell for column, cell in filled.items() if not str(cell).startswith(_CELL_NOTE_PREFIX)}


def _normalise_cell(cell: Any) -> Any:
    """Return a cell as text or as a number: a day is written in ISO 8601, an error of the workbook is no value."""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, str):
        text = cell.strip()
        if not text or text in _ERROR_VALUES:
            return None
        return text
    return cell


def _build_licence(row: SheetRow) -> Licence:
    return _build_work(row), _build_offer(row)


def _build_work(row: SheetRow) -> FeedRow:
    columns = [f"{level}{title}" for level in _get_title_levels(row) for title in _TITLE_COLUMNS]
    titles = [row[column] for column in columns if column in row]
    work: FeedRow = omit_empty(
        ref=_to_text(row.get("ALID") or row.get("ContentID")),
        title=get_first_item(titles),
        other_titles=titles[1:2],
        year=row.get("ReleaseYear"),
        directors=_split_list(row.get("Director"), ";"),
        minutes=convert_duration(row.get("TotalRunTime"), _parse_run_time),
        kind=row.get("WorkType"),
        ids=omit_empty(eidr=row.get("TitleID"), eidr_edit=row.get("EditID"), alt=_to_text(row.get("AltID"))),
    )
    return work


def _build_offer(row: SheetRow) -> FeedOffer:
    is_open_ended = str(row.get("End")).lower() == "open"
    offer: FeedOffer = omit_empty(
        mode=row.get("LicenseType"),
        price=_get_public_price(row),
        currency=row.get("PriceCurrency"),
        quality=row.get("FormatProfile"),
        languages=_split_list(row.get("AllowedLanguages"), ","),
        starts=row.get("Start"),
        ends=None if is_open_ended else row.get("End"),
        territories=_split_list(row.get("Territory"), ","),
        excluded=_split_list(row.get("TerritoryExclusion"), ","),
    )
    return offer


def _get_title_levels(row: SheetRow) -> tuple[str, ...]:
    """Return the prefixes of the title columns: a film's have none, an episode's or a season's have theirs."""
    level = str(row.get("WorkType", "")).capitalize()
    if level == "Episode":
        return ("Episode", "Season", "Series")
    return ("", level)


def _get_public_price(row: SheetRow) -> Any:
    """Return the price advised to the public (SRP), never a wholesale one."""
    if row.get("SRP"):
        return row["SRP"]
    if row.get("PriceType") == "SRP":
        return row.get("PriceValue")
    return None


def _to_text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value)


def _split_list(value: Any, separator: str) -> list[str]:
    parts = (part.strip() for part in str(value or "").split(separator))
    return list(filter(None, parts))


def _parse_run_time(value: Any) -> int | None:
    """Return the minutes of « 01:56:20 ». Raises ValueError when it is no duration."""
    return round_minutes(parse_clock_duration(str(value)))
