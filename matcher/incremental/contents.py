"""Read what the database holds in a few numbers a row, to tell what changed since the last pass."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, ColumnElement, cast, true
from sqlmodel import Session, col, func, select

from domain.common.batches import iter_batches
from domain.linking.cases import is_open_case
from domain.linking.judgements import live_judgement
from domain.linking.rejections import get_rejected_films
from domain.models.entry import Entry
from domain.models.judgement import Candidate, Judgement
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.runs.runs import is_in_current_run
from matcher.incremental.ragged import Rows
from matcher.loaders.film_contents import Digests, add_row_digests, compute_row_digest

_MAX_LISTED_ENTRIES, _BATCH = 10_000, 500
_JUDGEMENT_FACTOR, _CANDIDATE_FACTOR, _FILM_FACTOR = (
    np.uint64(factor) for factor in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 31)
)


class EntryContents(NamedTuple):
    """The entries of live catalogues by id, ascending: their platform, and a digest of what the matcher reads of each."""

    ids: Rows
    platform_ids: Rows
    digests: Digests


def read_platform_names(session: Session) -> dict[int, str]:
    """Return the names of the platforms, by id."""
    names = session.exec(select(Platform.id, Platform.name))
    return {platform_id: name for platform_id, name in names if platform_id is not None}


def read_entry_contents(session: Session) -> EntryContents:
    """Read the entries of live catalogues, with the films that persons rejected for them."""
    rejected_films = get_rejected_films(session)
    stmt = select(col(Entry.id), Entry.platform_id, Entry.content_hash).join(Platform, is_in_current_run())
    rows = session.exec(stmt.order_by(col(Entry.id))).all()
    digests = (compute_row_digest(row[2], sorted(rejected_films.get(row[0] or 0, ()))) for row in rows)
    return EntryContents(
        np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)),
        np.fromiter((row[1] for row in rows), dtype=np.int64, count=len(rows)),
        np.fromiter(digests, dtype=np.uint64, count=len(rows)),
    )


def read_written_digests(session: Session, entry_ids: Rows) -> Digests:
    """Return, for each of these entries (ascending ids), a digest of its live judgement, its candidates and its open case."""
    digests = np.zeros(len(entry_ids), dtype=np.uint64)
    if len(entry_ids) > _MAX_LISTED_ENTRIES:
        _add_written_digests(session, digests, entry_ids, lambda column: true())
    else:
        for batch in iter_batches(entry_ids.tolist(), _BATCH):
            _add_written_digests(session, digests, entry_ids, partial(_is_one_of, entry_ids=batch))
    return digests


def _is_one_of(column: Any, entry_ids: Sequence[int]) -> ColumnElement[bool]:
    return col(column).in_(entry_ids)


def _add_written_digests(
    session: Session, digests: Digests, entry_ids: Rows, is_wanted: Callable[[Any], ColumnElement[bool]]
) -> None:
    """Add to the digests of entries those of what is written of the wanted ones."""
    judgements = select(Judgement.entry_id, col(Judgement.id)).where(live_judgement(), is_wanted(Judgement.entry_id))
    _add_products(digests, entry_ids, _read_numbers(session, judgements, 2), (_JUDGEMENT_FACTOR,))
    sums = (cast(func.sum(Candidate.id), BigInteger), cast(func.sum(Candidate.film_id), BigInteger))
    candidates = select(Candidate.entry_id, *sums).where(is_wanted(Candidate.entry_id)).group_by(col(Candidate.entry_id))
    _add_products(digests, entry_ids, _read_numbers(session, candidates, 3), (_CANDIDATE_FACTOR, _FILM_FACTOR))
    case_facts = (ReviewCase.cause, ReviewCase.film_id, ReviewCase.probability, ReviewCase.doubt, ReviewCase.popularity)
    cases = select(ReviewCase.entry_id, col(ReviewCase.id), *case_facts)  # type: ignore[call-overload]
    about_entries = cases.where(is_open_case(), col(ReviewCase.entry_id).is_not(None), is_wanted(ReviewCase.entry_id))
    add_row_digests(digests, entry_ids, session.exec(about_entries).all())


def _read_numbers(session: Session, stmt: Any, width: int) -> npt.NDArray[np.int64]:
    """Return the rows of integers of a statement, one a line."""
    rows: Iterable[Any] = session.connection().execute(stmt)
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64).reshape(-1, width)


def _add_products(digests: Digests, ids: Rows, rows: npt.NDArray[np.int64], factors: Sequence[np.uint64]) -> None:
    """Add to the digest of each id its columns multiplied by factors; the first column is the id."""
    rows = rows[np.isin(rows[:, 0], ids)]
    positions = np.searchsorted(ids, rows[:, 0])
    for column, factor in enumerate(factors, start=1):
        digests[positions] += rows[:, column].astype(np.uint64) * factor
