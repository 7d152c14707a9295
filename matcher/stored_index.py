"""Open the index of the database's films: read from a file when they are the same, renewed for those that changed."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.batches import iter_batches
from matcher.array_files import Arrays
from matcher.blocking import FilmIndex
from matcher.index_columns import BlockingKeys, IndexColumns, IndexPart
from matcher.index_store import (
    StoredIndex,
    compute_digest,
    delete_other_indexes,
    find_newest_index,
    get_index_path,
    load_index,
    save_index,
)
from matcher.loaders.database import read_films
from matcher.loaders.film_contents import FilmContents, Ids, read_film_contents
from matcher.trigrams import TrigramRows

_BATCH_SIZE = 2_000


def open_database_index(session: Session, contents: FilmContents | None = None) -> FilmIndex:
    """Return the index of the canonical films as the session sees them, with the CNC's identifiers among their own.

    `contents` are what `read_film_contents` returned in the same session, when it was called already.
    """
    contents = contents or read_film_contents(session)
    base = _get_base(session)
    path = get_index_path(base, compute_digest(contents.ids.tobytes(), contents.digests.tobytes()))
    stored = load_index(path)
    if stored is None:
        stored = _renew_index(session, contents, find_newest_index(base))
        if stored is None:  # the films changed while they were read
            return open_database_index(session)
        save_index(path, stored)
        delete_other_indexes(base, path)
    return stored.open()


def _get_base(session: Session) -> str:
    """Return a name for the files of a database."""
    engine = session.get_bind().engine
    assert isinstance(engine, Engine)
    address = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name == "sqlite":
        address = str(Path(engine.url.database or "").resolve())
    return f"base.{compute_digest(address.encode())[:12]}"


def _renew_index(session: Session, contents: FilmContents, former: StoredIndex | None) -> StoredIndex | None:
    """Index the films of the database, taking from a former index those that are the same; None when some are gone."""
    former_part = _restore_part(former) if former else IndexPart.build([])
    positions = _find_unchanged(contents, former) if former else np.full(len(contents.ids), -1)
    is_changed = positions < 0
    changed_part = _read_part(session, contents.ids[is_changed])
    if len(changed_part.years) < np.count_nonzero(is_changed):
        return None
    positions[is_changed] = len(former_part.years) + np.arange(len(changed_part.years))
    order = np.argsort(contents.ids.astype(np.str_), kind="stable")  # the order of their ids as texts, as in FilmIndex
    part = IndexPart.concatenate([former_part, changed_part]).select(positions[order])
    notes: Arrays = {"ids": contents.ids[order], "digests": contents.digests[order], "title_counts": part.title_counts}
    titles: Arrays = {"title_hashes": part.title_hashes, "trigram_rows": part.trigrams.rows, "trigrams": part.trigrams.trigrams}
    return StoredIndex(part.works, IndexColumns.build(part), {**notes, **titles})


def _restore_part(stored: StoredIndex) -> IndexPart:
    """Return the part that an index was made of."""
    columns, notes = stored.columns, stored.notes
    inverted = (columns.by_title, columns.by_part, columns.by_id, columns.by_person, columns.by_facts)
    return IndexPart(
        BlockingKeys(*(keys.pack() for keys in inverted)),
        columns.years,
        notes["title_counts"],
        notes["title_hashes"],
        TrigramRows(notes["trigram_rows"], notes["trigrams"]),
        stored.works,
    )


def _find_unchanged(contents: FilmContents, stored: StoredIndex) -> npt.NDArray[np.int64]:
    """Return the position of each film in a stored index, -1 for those that are not there or changed."""
    ids, digests = stored.notes["ids"], stored.notes["digests"]
    if not len(ids):
        return np.full(len(contents.ids), -1)
    order = np.argsort(ids)
    positions = order[np.minimum(np.searchsorted(ids, contents.ids, sorter=order), len(ids) - 1)]
    is_same = (ids[positions] == contents.ids) & (digests[positions] == contents.digests)
    return np.where(is_same, positions, -1)


def _read_part(session: Session, film_ids: Ids) -> IndexPart:
    """Read films by id, some thousands at a time so that few are in memory at once."""
    batches = iter_batches(film_ids.tolist(), _BATCH_SIZE)
    parts = [IndexPart.build(read_films(session, batch)) for batch in batches]
    return IndexPart.concatenate(parts or [IndexPart.build([])])
