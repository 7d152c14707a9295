"""Open the index of a CSV file of films: built once, then read from a file as long as the films are the same."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from domain.common.csv_reader import TableRow, read_bytes
from matcher.blocking import FilmIndex
from matcher.executors import run_chunks
from matcher.index_columns import IndexColumns, IndexPart
from matcher.index_store import StoredIndex, compute_digest, get_index_path, load_index, save_index
from matcher.loaders.csv_files import batch_rows, build_works, choose_workers, has_title, iter_rows

_BASE = "file"
_UNTITLED_COUNT = "untitled_count"


class FileIndex(NamedTuple):
    """The index of a reference, and the number of its rows left out because they have no title."""

    films: FilmIndex
    untitled_count: int


def open_file_index(reference: Path, workers: int | None = 1) -> FileIndex:
    """Return the index of a CSV file of films, the same whatever the number of processes that read it.

    Raise UserError naming file, line and column when the file is not valid.
    """
    data = read_bytes(reference)
    path = get_index_path(_BASE, compute_digest(data))
    stored = load_index(path)
    if stored is None:
        stored = _build_index(data, reference.name, choose_workers(data, workers))
        save_index(path, stored)
    return FileIndex(stored.open(), int(stored.notes[_UNTITLED_COUNT][0]))


def _build_index(data: bytes, name: str, workers: int) -> StoredIndex:
    rows = _TitledRows(iter_rows(data, name))
    parts = list(run_chunks(_build_part, name, batch_rows(rows), workers))
    part = IndexPart.concatenate([IndexPart.build([]), *parts])
    order = sorted(range(len(rows.ids)), key=rows.ids.__getitem__)
    if order != list(range(len(order))):
        part = part.select(np.array(order))
    return StoredIndex(part.works, IndexColumns.build(part), {_UNTITLED_COUNT: np.array([rows.untitled_count])})


def _build_part(file_name: str, rows: Sequence[TableRow]) -> IndexPart:
    return IndexPart.build(build_works(file_name, rows))


class _TitledRows:
    """Yield the rows that have a title, noting their ids and the number of the others."""

    def __init__(self, rows: Iterable[TableRow]) -> None:
        self.ids: list[str] = []
        self.untitled_count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[TableRow]:
        for row in self._rows:
            if has_title(row):
                self.ids.append(row.cells["id"])
                yield row
            else:
                self.untitled_count += 1
