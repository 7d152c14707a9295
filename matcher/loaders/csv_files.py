"""Read the two input files of `ouvoir link`: the films of a reference and the entries of a catalogue."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from domain.common.csv_reader import TableRow, decode_bytes, decompress_gzip, parse_table, read_bytes, split_values
from domain.common.enums import Kind
from domain.common.errors import UserError
from domain.common.identifiers import SCHEMES
from matcher.executors import count_processors, run_chunks
from matcher.work import Work, make_work

_ALLOWED_YEARS = range(1870, 2101)
_ALLOWED_RUNTIMES = range(0, 6001)
_MAX_POPULARITY = 100
_MAX_DIGITS = 6
_MAX_ECHOED_LENGTH = 40
_BATCH_SIZE = 2_000
_MIN_SHARED_BYTES = 1_000_000
"""A smaller document is read by one process before others are ready to help."""


class _Cells:
    """Read the cells of one row by type; a UserError names file, line and column when a cell is not valid."""

    def __init__(self, row: TableRow, file_name: str) -> None:
        self._cells = row.cells
        self._file_name, self._line = file_name, row.line
        if row.fault:
            raise UserError(f"{self._location} : {row.fault}")

    @property
    def _location(self) -> str:
        return f"{self._file_name}, ligne {self._line}"

    def get_text(self, column: str) -> str:
        return self._cells.get(column, "")

    def list_filled(self, columns: Sequence[str]) -> list[tuple[str, str]]:
        return [(column, text) for column in columns if (text := self._cells.get(column))]

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
    rows = list(iter_rows(read_bytes(path), path.name))
    titled = [row for row in rows if has_title(row)]
    return build_works(path.name, titled), len(rows) - len(titled)


def read_entries(path: Path, workers: int | None = 1) -> list[Work]:
    """Return the entries of a catalogue in the file's order. Raise UserError naming file, line and column."""
    data = read_bytes(path)
    works: list[Work] = []
    batches = batch_rows(iter_rows(data, path.name))
    for batch in run_chunks(_build_entries, path.name, batches, choose_workers(data, workers)):
        works += batch
    return works


def _build_entries(file_name: str, rows: Sequence[TableRow]) -> list[Work]:
    for row in rows:
        _Cells(row, file_name).get_required("title")
    return build_works(file_name, rows)


def choose_workers(data: bytes, workers: int | None) -> int:
    """Return the number of processes that read a document: by default one for each processor when it is large."""
    if workers is not None:
        return workers
    return count_processors() if len(data) >= _MIN_SHARED_BYTES else 1


def batch_rows(rows: Iterable[TableRow]) -> Iterator[list[TableRow]]:
    """Yield rows by thousands."""
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH_SIZE)):
        yield batch


def has_title(row: TableRow) -> bool:
    """Return whether a row has a title; what is wrong with the row, if anything, is raised when it is read."""
    return bool(row.cells.get("title"))


def iter_rows(data: bytes, name: str) -> Iterator[TableRow]:
    """Yield the rows of a document. Raise UserError for a row that is cut, without an id, or with the id of another."""
    line_by_id: dict[str, int] = {}
    for row in parse_table(decode_bytes(decompress_gzip(data, name), name), name, ("id", "title")):
        work_id = _Cells(row, name).get_required("id")
        first_line = line_by_id.setdefault(work_id, row.line)
        if first_line != row.line:
            raise UserError(f"{name}, ligne {row.line}, colonne id : « {work_id} » est déjà à la ligne {first_line}")
        yield row


def build_works(file_name: str, rows: Iterable[TableRow]) -> list[Work]:
    """Return the works that rows describe. Raise UserError naming file, line and column when a cell is not valid."""
    return [_build_work(_Cells(row, file_name)) for row in rows]


def _build_work(cells: _Cells) -> Work:
    return make_work(
        cells.get_text("id"),
        [cells.get_text("title"), cells.get_text("original_title"), cells.get_text("title_fr")],
        aliases=split_values(cells.get_text("other_titles")),
        year=cells.get_int("year", _ALLOWED_YEARS),
        release_date=cells.get_date("release_date"),
        runtime_min=cells.get_int("runtime_min", _ALLOWED_RUNTIMES),
        directors=split_values(cells.get_text("directors")),
        countries=split_values(cells.get_text("countries")),
        kind=cells.get_kind("kind"),
        popularity=cells.get_popularity("popularity"),
        ids=cells.list_filled(SCHEMES),
    )
