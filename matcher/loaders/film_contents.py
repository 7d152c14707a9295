"""Read what the database holds of each film in a few numbers, to tell which films changed without loading them."""

from collections.abc import Iterable, Sequence
from functools import reduce
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Text, cast, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from domain.linking.redirects import is_canonical
from domain.models.film import Film, FilmIdentifier, FilmTitle

Ids = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint64]
_SEPARATOR, _UNKNOWN = "\x1f", "\x1e"
_ODD_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_FILM_FACTS = (
    Film.title,
    Film.original_title,
    Film.year,
    Film.release_date,
    Film.runtime_min,
    Film.directors,
    Film.countries,
    Film.kind,
    Film.popularity,
)
"""All that `matcher.loaders.database.read_films` reads of a film, a title and an identifier, and some more."""
_TITLE_FACTS = (FilmTitle.title, FilmTitle.kind, FilmTitle.language, FilmTitle.source_kind)
_IDENTIFIER_FACTS = (FilmIdentifier.scheme, FilmIdentifier.value)


class FilmContents(NamedTuple):
    """The canonical films by id, ascending: a digest of what the matcher reads of each, and one of when it was last changed."""

    ids: Ids
    digests: Digests
    update_digests: Digests


def compute_row_digest(*values: object) -> int:
    """Return a number of 64 bits that tells values apart."""
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=8).digest(), "big")


def read_film_contents(session: Session) -> FilmContents:
    """Read every canonical film, with its titles and identifiers."""
    stmt = sql_select(col(Film.id), cast(col(Film.updated_at), Text), _join_columns(_FILM_FACTS)).where(is_canonical())
    rows = session.connection().execute(stmt.order_by(col(Film.id))).all()
    ids, updates, facts = zip(*rows, strict=True) if rows else ((), (), ())
    film_ids = np.array(ids, dtype=np.int64)
    contents = FilmContents(film_ids, _compute_text_digests(facts) ^ _spread_ids(film_ids), _compute_text_digests(updates))
    del rows, updates, facts
    for table, columns in ((FilmTitle, _TITLE_FACTS), (FilmIdentifier, _IDENTIFIER_FACTS)):
        _add_table_digests(session, contents, table, columns)
    return contents


def _add_table_digests(session: Session, contents: FilmContents, table: Any, facts: Sequence[Any]) -> None:
    """Add to the digest of each film those of its rows in a table; the order of the rows has no effect."""
    rows = session.connection().execute(sql_select(table.film_id, table.id, _join_columns(facts))).all()
    if not rows:
        return
    film_ids, row_ids, texts = zip(*rows, strict=True)
    owners = np.array(film_ids, dtype=np.int64)
    digests = _compute_text_digests(texts) ^ _spread_ids(np.array(row_ids, dtype=np.int64))
    is_known = np.isin(owners, contents.ids)
    np.add.at(contents.digests, np.searchsorted(contents.ids, owners[is_known]), digests[is_known])


def _join_columns(columns: Sequence[Any]) -> ColumnElement[str]:
    """Return the SQL text of several columns: one text a row is faster to read than its facts."""
    texts = [func.coalesce(cast(col(column), Text), _UNKNOWN) for column in columns]
    return reduce(lambda joined, text: joined + _SEPARATOR + text, texts)


def _compute_text_digests(texts: Iterable[str]) -> Digests:
    return np.frombuffer(b"".join(blake2b(text.encode(), digest_size=8).digest() for text in texts), dtype=np.uint64).copy()


def _spread_ids(ids: Ids) -> Digests:
    """Return numbers that tell ids apart in all their bits."""
    return ids.astype(np.uint64) * _ODD_FACTOR


def add_row_digests(digests: Digests, ids: Ids, rows: Sequence[Sequence[Any]]) -> None:
    """Add to the digest of each id those of its rows, whose first column is the id; the order of the rows has no effect."""
    owners = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    added = np.fromiter((compute_row_digest(*row[1:]) for row in rows), dtype=np.uint64, count=len(rows))
    is_known = np.isin(owners, ids)
    np.add.at(digests, np.searchsorted(ids, owners[is_known]), added[is_known])
