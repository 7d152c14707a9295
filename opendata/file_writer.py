"""Write the files of an export from beginning to end: sized and hashed on the way, flushed to the disk when closed."""

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
    """Write a new UTF-8 file, and describe it with `finish` once it is flushed to the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hash = hashlib.sha256()
        self._size = 0
        self._file: IO[bytes] = path.open("xb")

    def write(self, text: str) -> None:
        """Append text."""
        data = text.encode("utf-8")
        self._hash.update(data)
        self._size += len(data)
        self._file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def finish(self, kind: str) -> DataFile:
        """Close the file, and describe it under a format name (« csv », « json »…)."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return DataFile(name=self.path.name, format=kind, size=self._size, sha256=self._hash.hexdigest())


def write_text(path: Path, text: str, kind: str) -> DataFile:
    """Write a small text file, and describe it."""
    with HashedFile(path) as file:
        file.write(text)
        return file.finish(kind)


class TableWriter:
    """Write a table in CSV (RFC 4180), some rows at a time; `row_count` counts them."""

    def __init__(self, table: TableSchema, path: Path) -> None:
        self.table = table
        self.path = path
        self.row_count = 0
        self._file = HashedFile(path)
        self._write_rows([[field.name for field in table.fields]])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.__exit__(kind, error, trace)

    def add_rows(self, rows: Iterable[RowValues]) -> None:
        """Append rows, each with one value for each column."""
        formatted = [format_cells(row) for row in rows]
        self._write_rows(formatted)
        self.row_count += len(formatted)

    def _write_rows(self, rows: Iterable[RowValues]) -> None:
        text = StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        self._file.write(text.getvalue())

    def finish(self) -> DataFile:
        """Close the file, and describe it."""
        return self._file.finish("csv")


def write_parquet(table: TableSchema, source: Path) -> DataFile:
    """Convert a table's CSV file to Parquet, typed, beside it.

    Raises UserError when a row does not match the columns: this second reading checks every row of the export.
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
    """Flush to the disk and describe a file written by another library."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return DataFile(name=path.name, format=kind, size=path.stat().st_size, sha256=digest)


def format_checksums(files: Iterable[DataFile]) -> str:
    """Format checksums as `sha256sum --check` reads them."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files)
