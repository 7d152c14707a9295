"""Read what the database holds of each film in a few numbers, to tell which films changed without loading them."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Text, cast
from sqlmodel import Session, col, select

from domain.linking.redirects import is_canonical
from domain.models.film import Film, FilmIdentifier, FilmTitle

Ids = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint64]
_FILM_FACTS = (
    Film.title,
    Film.original_title,
    Film.year,
    cast(col(Film.release_date), Text),
    Film.runtime_min,
    cast(col(Film.directors), Text),
    cast(col(Film.countries), Text),
    cast(col(Film.kind), Text),
    Film.popularity,
)
"""All that `matcher.loaders.database.read_films` reads of a film, a title and an identifier, and some more."""
_TITLE_FACTS = (FilmTitle.title, cast(col(FilmTitle.kind), Text), FilmTitle.language, cast(col(FilmTitle.source_kind), Text))


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
    stmt = select(col(Film.id), cast(col(Film.updated_at), Text), *_FILM_FACTS).where(is_canonical())  # type: ignore[call-overload]
    rows = session.exec(stmt.order_by(col(Film.id))).all()
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    update_digests = np.fromiter((compute_row_digest(row[1]) for row in rows), dtype=np.uint64, count=len(rows))
    digests = np.fromiter((compute_row_digest(row[0], *row[2:]) for row in rows), dtype=np.uint64, count=len(rows))
    del rows
    titles = select(col(FilmTitle.film_id), col(FilmTitle.id), *_TITLE_FACTS)  # type: ignore[call-overload]
    identifiers = select(col(FilmIdentifier.film_id), col(FilmIdentifier.id), FilmIdentifier.scheme, FilmIdentifier.value)
    for facts in (titles, identifiers):
        add_row_digests(digests, ids, session.exec(facts).all())
    return FilmContents(ids, digests, update_digests)


def add_row_digests(digests: Digests, ids: Ids, rows: Sequence[Sequence[Any]]) -> None:
    """Add to the digest of each id those of its rows, whose first column is the id; the order of the rows has no effect."""
    owners = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    added = np.fromiter((compute_row_digest(*row[1:]) for row in rows), dtype=np.uint64, count=len(rows))
    is_known = np.isin(owners, ids)
    np.add.at(digests, np.searchsorted(ids, owners[is_known]), added[is_known])
