"""The two files of `ouvoir link`, read: films of a reference and entries of a catalogue."""

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


class _Cells:
    """The cells of one row, each read as what it should be; Problem names file, line and column when it is not."""

    def __init__(self, row: TableRow, name: str) -> None:
        self._cells, self._where = row.cells, f"{name}, ligne {row.line}"
        if row.fault:
            raise UserError(f"{self._where} : {row.fault}")

    def get_text(self, column: str) -> str:
        return self._cells.get(column, "")

    def get_required(self, column: str) -> str:
        if not (value := self.get_text(column)):
            raise UserError(f"{self._where}, colonne {column} : valeur absente")
        return value

    def get_int(self, column: str, allowed: range) -> int | None:
        if not (value := self.get_text(column)):
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value) in allowed):
            raise self._make_error(column, f"nombre entre {allowed[0]} et {allowed[-1]}")
        return int(value)

    def get_float(self, column: str) -> float | None:
        try:
            value = float(self.get_text(column)) if self.get_text(column) else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value <= 100:
            raise self._make_error(column, "nombre entre 0 et 100")
        return value

    def get_date(self, column: str) -> date | None:
        try:
            return date.fromisoformat(self.get_text(column)) if self.get_text(column) else None
        except ValueError:
            raise self._make_error(column, "date AAAA-MM-JJ") from None

    def get_kind(self) -> Kind | None:
        try:
            return Kind(self.get_text("kind")) if self.get_text("kind") else None
        except ValueError:
            raise self._make_error("kind", " | ".join(Kind)) from None

    def _make_error(self, column: str, expected: str) -> UserError:
        return UserError(f"{self._where}, colonne {column} : « {self.get_text(column)[:40]} », attendu : {expected}")


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
        kind=cells.get_kind(),
        popularity=cells.get_float("popularity"),
        ids=((scheme, cells.get_text(scheme)) for scheme in SCHEMES),
    )


def _iter_rows(path: Path) -> Iterator[tuple[str, _Cells]]:
    """Each row under its number. Raises Problem for a row without a number or with one already seen."""
    seen: dict[str, int] = {}
    for row in read_table(path, ("id", "title")):
        cells = _Cells(row, path.name)
        number = cells.get_required("id")
        if number in seen:
            raise UserError(f"{path.name}, ligne {row.line}, colonne id : « {number} » est déjà à la ligne {seen[number]}")
        seen[number] = row.line
        yield number, cells


def read_reference(path: Path) -> tuple[list[Work], int]:
    """The films of a reference, and how many rows without a title were left out.

    Raises Problem naming file, line and column when a cell cannot be used.
    """
    films, untitled = [], 0
    for number, cells in _iter_rows(path):
        if cells.get_text("title"):
            films.append(_build_work(cells, number))
        else:
            untitled += 1
    return films, untitled


def read_entries(path: Path) -> list[Work]:
    """The entries of a catalogue, in the file's order. Raises Problem naming file, line and column."""
    entries = []
    for number, cells in _iter_rows(path):
        cells.get_required("title")
        entries.append(_build_work(cells, number))
    return entries
