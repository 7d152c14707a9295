"""Files written once from beginning to end: counted and summed as they go, safe on the disk when closed."""

import csv
import hashlib
import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import duckdb

from domain.common.errors import UserError
from opendata.columns import format_cells
from opendata.manifest import DataFile
from opendata.tables import RowValues, TableSchema

_PARQUET_QUERY = (
    "COPY (SELECT * FROM read_csv($csv, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',"
    " new_line = '\\r\\n', nullstr = '', encoding = 'utf-8', columns = {columns}))"
    " TO '{parquet}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)"
)
# One thread and small groups of rows: memory does not grow with the table. Nothing is fetched from elsewhere.
_DUCKDB_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class HashedFile:
    """A new UTF-8 file; `done()` says what it became. Its end is written to the disk itself before it is told."""

    def __init__(self, path: Path) -> None:
        self.path, self._sum, self._size = path, hashlib.sha256(), 0
        self._file: IO[bytes] = path.open("xb")

    def write(self, text: str) -> None:
        """Adds some text."""
        data = text.encode("utf-8")
        self._sum.update(data)
        self._size += len(data)
        self._file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def finish(self, kind: str) -> DataFile:
        """Closes the file, and tells it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return DataFile(name=self.path.name, format=kind, size=self._size, sha256=self._sum.hexdigest())


def write_text(path: Path, text: str, kind: str) -> DataFile:
    """A small file, whole."""
    with HashedFile(path) as file:
        file.write(text)
        return file.finish(kind)


class TableWriter:
    """A table in CSV (RFC 4180), written some lines at a time; `rows` counts them."""

    def __init__(self, table: TableSchema, path: Path) -> None:
        self.table, self.path, self.rows, self._file = table, path, 0, HashedFile(path)
        self._write_rows([[field.name for field in table.fields]])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.__exit__(kind, error, trace)

    def add_rows(self, lines: Iterable[RowValues]) -> None:
        """Adds lines, each with a value a column."""
        rows = [format_cells(line) for line in lines]
        self._write_rows(rows)
        self.rows += len(rows)

    def _write_rows(self, rows: Iterable[RowValues]) -> None:
        text = StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        self._file.write(text.getvalue())

    def finish(self) -> DataFile:
        """Closes the file, and tells it."""
        return self._file.finish("csv")


def write_parquet(table: TableSchema, source: Path) -> DataFile:
    """The same table in Parquet, typed, beside its CSV: a second reader takes every line, or stops the export.

    Raises Problem when a line is not what the columns say.
    """
    path = source.with_suffix(".parquet")
    columns = ", ".join(f"'{field.name}': '{field.sql_type}'" for field in table.fields)
    query = _PARQUET_QUERY.format(columns=f"{{{columns}}}", parquet=str(path).replace("'", "''"))
    try:
        with duckdb.connect(config=_DUCKDB_CONFIG) as connection:
            connection.execute(query, {"csv": str(source)})
    except duckdb.Error as error:
        raise UserError(f"{source.name} : Parquet impossible à écrire ({str(error).splitlines()[0]})") from None
    return describe_file(path, "parquet")


def describe_file(path: Path, kind: str) -> DataFile:
    """A file that somebody else wrote, once it is safe on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        total = hashlib.file_digest(file, "sha256").hexdigest()
    return DataFile(name=path.name, format=kind, size=path.stat().st_size, sha256=total)


def format_checksums(files: Iterable[DataFile]) -> str:
    """The sums as `sha256sum --check` reads them."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files)
