"""Read the two input files of `ouvoir link`: the films of a reference and the entries of a catalogue."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from domain.common.csv_reader import TableRow, read_table, split_values
from domain.common.enums import Kind
from domain.common.errors import UserError
from domain.common.identifiers import SCHEMES
from matcher.work import Work, make_work

_ALLOWED_YEARS = range(1870, 2101)
_ALLOWED_RUNTIMES = range(0, 6001)
_MAX_POPULARITY = 100
_MAX_DIGITS = 6
_MAX_ECHOED_LENGTH = 40


class _Cells:
    """Read the cells of one row by type; a UserError names file, line and column when a cell is not valid."""

    def __init__(self, row: TableRow, file_name: str) -> None:
        self._cells = row.cells
        self._location = f"{file_name}, ligne {row.line}"
        if row.fault:
            raise UserError(f"{self._location} : {row.fault}")

    def get_text(self, column: str) -> str:
        return self._cells.get(column, "")

    def get_required(self, column: str) -> str:
        text = self.get_text(column)
        if not text:
            raise UserError(f"{self._location}, colonne {column} : valeur absente")
        return text

    def get_int(self, column: str, allowed: range) -> int | None:
        text = self.get_text(column)
        if not text:
            return None
        is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        if not is_number or int(text) not in allowed:
            raise self._make_error(column, f"nombre entre {allowed[0]} et {allowed[-1]}")
        return int(text)

    def get_popularity(self, column: str) -> float | None:
        text = self.get_text(column)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= _MAX_POPULARITY:
            raise self._make_error(column, f"nombre entre 0 et {_MAX_POPULARITY}")
        return value

    def get_date(self, column: str) -> date | None:
        text = self.get_text(column)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise self._make_error(column, "date AAAA-MM-JJ") from None

    def get_kind(self, column: str) -> Kind | None:
        text = self.get_text(column)
        try:
            return Kind(text) if text else None
        except ValueError:
            raise self._make_error(column, " | ".join(Kind)) from None

    def _make_error(self, column: str, expected: str) -> UserError:
        text = self.get_text(column)[:_MAX_ECHOED_LENGTH]
        return UserError(f"{self._location}, colonne {column} : « {text} », attendu : {expected}")


def read_reference(path: Path) -> tuple[list[Work], int]:
    """Return the films of a reference, and the number of rows left out because they have no title.

    Raise UserError naming file, line and column when a cell is not valid.
    """
    films, untitled_count = [], 0
    for work_id, cells in _iter_rows(path):
        if cells.get_text("title"):
            films.append(_build_work(cells, work_id))
        else:
            untitled_count += 1
    return films, untitled_count


def read_entries(path: Path) -> list[Work]:
    """Return the entries of a catalogue in the file's order. Raise UserError naming file, line and column."""
    entries = []
    for work_id, cells in _iter_rows(path):
        cells.get_required("title")
        entries.append(_build_work(cells, work_id))
    return entries


def _iter_rows(path: Path) -> Iterator[tuple[str, _Cells]]:
    """Yield the id and cells of each row. Raise UserError for a row without an id, or with the id of another."""
    line_by_id: dict[str, int] = {}
    for row in read_table(path, ("id", "title")):
        cells = _Cells(row, path.name)
        work_id = cells.get_required("id")
        first_line = line_by_id.setdefault(work_id, row.line)
        if first_line != row.line:
            raise UserError(f"{path.name}, ligne {row.line}, colonne id : « {work_id} » est déjà à la ligne {first_line}")
        yield work_id, cells


def _build_work(cells: _Cells, work_id: str) -> Work:
    titles = [
        cells.get_text("title"),
        cells.get_text("original_title"),
        cells.get_text("title_fr"),
        *split_values(cells.get_text("other_titles")),
    ]
    return make_work(
        work_id,
        titles,
        year=cells.get_int("year", _ALLOWED_YEARS),
        release_date=cells.get_date("release_date"),
        runtime_min=cells.get_int("runtime_min", _ALLOWED_RUNTIMES),
        directors=split_values(cells.get_text("directors")),
        countries=split_values(cells.get_text("countries")),
        kind=cells.get_kind("kind"),
        popularity=cells.get_popularity("popularity"),
        ids=((scheme, cells.get_text(scheme)) for scheme in SCHEMES),
    )
