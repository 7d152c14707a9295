"""Compare what the database holds with what the last pass read."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from domain.review.queue import list_entries_in_review
from matcher.incremental.contents import EntryContents, read_entry_contents, read_written_digests
from matcher.incremental.ragged import Rows
from matcher.incremental.state import EntryTable, MatchState
from matcher.loaders.film_contents import Digests, FilmContents, read_film_contents


@dataclass(frozen=True)
class Contents:
    """Represent what the database holds: films, entries, what was written about each entry, and stale cases.

    `stale_entry_ids` are the entries that no catalogue has any more and that still wait for a person.
    """

    films: FilmContents
    entries: EntryContents
    written: Digests
    stale_entry_ids: frozenset[int]

    @classmethod
    def read(cls, session: Session) -> Self:
        """Read it all, before the facts: what changes meanwhile is seen by the next pass."""
        films, entries = read_film_contents(session), read_entry_contents(session)
        stale_ids = set(list_entries_in_review(session)) - set(entries.ids.tolist())
        return cls(films, entries, read_written_digests(session, entries.ids), frozenset(stale_ids))


@dataclass(frozen=True)
class FilmDifferences:
    """Tell the films that came, went or changed.

    `before` are the rows of those that the state has, `after` the rows of those that the database has; `former_rows` has a row
    a film of the database, -1 for those. `updated_ids` are the films that were written again, changed or not.
    """

    former_rows: Rows

    before: Rows
    after: Rows
    updated_ids: Rows

    @classmethod
    def compare(cls, former: FilmContents, films: FilmContents) -> Self:
        """Compare the films of two passes."""
        _, common_former, common = np.intersect1d(former.ids, films.ids, assume_unique=True, return_indices=True)
        is_same = former.digests[common_former] == films.digests[common]
        former_rows = np.full(len(films.ids), -1, dtype=np.int64)
        former_rows[common[is_same]] = common_former[is_same]
        was_updated = former.update_digests[common_former] != films.update_digests[common]
        return cls(
            former_rows=former_rows,
            before=np.setdiff1d(np.arange(len(former.ids)), former_rows),
            after=np.flatnonzero(former_rows < 0),
            updated_ids=films.ids[common[was_updated]],
        )


@dataclass(frozen=True)
class Changes:
    """Tell what is not as the last pass left it.

    `table` has a row a live entry, with what the last pass decided of it. `former_rows` are their rows in the state, -1 for the
    new ones; `gone_rows` are the rows of the state that are no longer live. The masks have a row a live entry: facts that
    changed, rows of the database that somebody else wrote, a person's decision whose film was written again.
    """

    table: EntryTable
    former_rows: Rows
    gone_rows: Rows
    films: FilmDifferences
    has_new_facts: npt.NDArray[np.bool_]
    is_contradicted: npt.NDArray[np.bool_]
    has_newer_film: npt.NDArray[np.bool_]

    @classmethod
    def compare(cls, state: MatchState, contents: Contents) -> Self:
        """Compare the database with the state of the last pass."""
        former = state.entries
        table = EntryTable.create(*contents.entries)
        _, rows, former_rows = np.intersect1d(table.ids, former.ids, assume_unique=True, return_indices=True)
        rows_in_state = np.full(len(table.ids), -1, dtype=np.int64)
        rows_in_state[rows] = former_rows
        table.carry(former, rows, former_rows)
        is_same = np.zeros(len(table.ids), dtype=bool)
        is_same[rows] = former.digests[former_rows] == table.digests[rows]
        films = FilmDifferences.compare(state.films, contents.films)
        return cls(
            table=table,
            former_rows=rows_in_state,
            gone_rows=np.setdiff1d(np.arange(len(former.ids)), former_rows),
            films=films,
            has_new_facts=~is_same,
            is_contradicted=is_same & (table.written != contents.written),
            has_newer_film=table.by_person & np.isin(table.film_ids, films.updated_ids),
        )

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed that the matcher reads or writes."""
        differences = (self.gone_rows, self.films.before, self.films.after, self.films.updated_ids)
        masks = (self.has_new_facts, self.is_contradicted, self.has_newer_film)
        return not any(map(len, differences)) and not any(mask.any() for mask in masks)
