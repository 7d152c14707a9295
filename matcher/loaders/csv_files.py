"""The two files of `ouvoir link`, read: films of a reference and entries of a catalogue."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from domain.common.csv_reader import Row, read_table, several
from domain.common.enums import Kind
from domain.common.errors import Problem
from domain.common.identifiers import SCHEMES
from matcher.work import Work, make_work

_YEARS = range(1870, 2101)
_RUNTIMES = range(0, 6001)


class _Cells:
    """The cells of one row, each read as what it should be; Problem names file, line and column when it is not."""

    def __init__(self, row: Row, name: str) -> None:
        self._cells, self._where = row.cells, f"{name}, ligne {row.line}"
        if row.fault:
            raise Problem(f"{self._where} : {row.fault}")

    def text(self, column: str) -> str:
        return self._cells.get(column, "")

    def required(self, column: str) -> str:
        if not (value := self.text(column)):
            raise Problem(f"{self._where}, colonne {column} : valeur absente")
        return value

    def whole(self, column: str, allowed: range) -> int | None:
        if not (value := self.text(column)):
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value) in allowed):
            raise self._fault(column, f"nombre entre {allowed[0]} et {allowed[-1]}")
        return int(value)

    def number(self, column: str) -> float | None:
        try:
            value = float(self.text(column)) if self.text(column) else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value <= 100:
            raise self._fault(column, "nombre entre 0 et 100")
        return value

    def day(self, column: str) -> date | None:
        try:
            return date.fromisoformat(self.text(column)) if self.text(column) else None
        except ValueError:
            raise self._fault(column, "date AAAA-MM-JJ") from None

    def kind(self) -> Kind | None:
        try:
            return Kind(self.text("kind")) if self.text("kind") else None
        except ValueError:
            raise self._fault("kind", " | ".join(Kind)) from None

    def _fault(self, column: str, expected: str) -> Problem:
        return Problem(f"{self._where}, colonne {column} : « {self.text(column)[:40]} », attendu : {expected}")


def _work(cells: _Cells, number: str) -> Work:
    titles = [cells.text("title"), cells.text("original_title"), cells.text("title_fr"), *several(cells.text("other_titles"))]
    return make_work(
        number,
        titles,
        year=cells.whole("year", _YEARS),
        release_date=cells.day("release_date"),
        runtime_min=cells.whole("runtime_min", _RUNTIMES),
        directors=several(cells.text("directors")),
        countries=several(cells.text("countries")),
        kind=cells.kind(),
        popularity=cells.number("popularity"),
        ids=((scheme, cells.text(scheme)) for scheme in SCHEMES),
    )


def _numbered(path: Path) -> Iterator[tuple[str, _Cells]]:
    """Each row under its number. Raises Problem for a row without a number or with one already seen."""
    seen: dict[str, int] = {}
    for row in read_table(path, ("id", "title")):
        cells = _Cells(row, path.name)
        number = cells.required("id")
        if number in seen:
            raise Problem(f"{path.name}, ligne {row.line}, colonne id : « {number} » est déjà à la ligne {seen[number]}")
        seen[number] = row.line
        yield number, cells


def read_reference(path: Path) -> tuple[list[Work], int]:
    """The films of a reference, and how many rows without a title were left out.

    Raises Problem naming file, line and column when a cell cannot be used.
    """
    films, untitled = [], 0
    for number, cells in _numbered(path):
        if cells.text("title"):
            films.append(_work(cells, number))
        else:
            untitled += 1
    return films, untitled


def read_entries(path: Path) -> list[Work]:
    """The entries of a catalogue, in the file's order. Raises Problem naming file, line and column."""
    entries = []
    for number, cells in _numbered(path):
        cells.required("title")
        entries.append(_work(cells, number))
    return entries
