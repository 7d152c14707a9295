"""Find the entries that a change of films may concern."""

from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from matcher.blocking import MAX_FACT_MATCHES, NAMESAKE_LIMITS, NO_SIMILARITY
from matcher.incremental.ragged import RaggedArray, Rows
from matcher.incremental.work_keys import TITLE_END, WorkKeys
from matcher.trigrams import TrigramRows, Weights, build_vectors

_MARGIN = 1e-6
"""Cosines are rounded differently as they are stored and compared."""
_MAX_YEAR_GAP = 1
_YEAR_BITS = np.uint64(16)


class FilmChanges(NamedTuple):
    """The keys of the films that changed, as they were and as they are, and those of all films before."""

    before: WorkKeys
    after: WorkKeys
    all_before: WorkKeys

    @property
    def both(self) -> WorkKeys:
        """Return the keys of the films as they were, then as they are."""
        return WorkKeys.concatenate(self.before, self.after)


def find_near_entries(entries: WorkKeys, floors: npt.NDArray[np.float32], changes: FilmChanges, weights: Weights) -> Rows:
    """Return the positions of the entries whose candidates or term frequencies may not be what they were.

    `floors` are the entries' similarity floors (`matcher.blocking.CandidateSet`), `weights` those of trigrams.
    """
    changed = changes.both
    searched = np.flatnonzero(floors < NO_SIMILARITY)
    near = [
        entries.keys.find_lists_with(np.unique(changed.keys.values)),
        _find_by_namesake_counts(entries, changes),
        searched[_find_same_facts(entries.facts.select(searched), changes)],
        searched[_find_namesakes(entries.select(searched), changes)],
        searched[_find_similar(entries.trigrams.select(searched), floors[searched], changed.trigrams, weights)],
    ]
    return np.unique(np.concatenate(near))


class _KeyCounts(NamedTuple):
    """How many films have each key, before a change and after."""

    keys: npt.NDArray[np.uint32]
    before: Rows
    after: Rows


def _count_films(before: RaggedArray, removed: RaggedArray, added: RaggedArray) -> _KeyCounts:
    """Count the films that have the keys of the films that changed, from the keys of all films before."""
    keys = np.unique(np.concatenate([removed.values, added.values]))
    counts = _count_values(before, keys)
    return _KeyCounts(keys, counts, counts - _count_values(removed, keys) + _count_values(added, keys))


def _count_namesakes(changes: FilmChanges) -> _KeyCounts:
    return _count_films(changes.all_before.namesakes, changes.before.namesakes, changes.after.namesakes)


def _find_same_facts(entry_facts: RaggedArray, changes: FilmChanges) -> Rows:
    """Find the entries of the year, country and running time of a film that changed, where they are those of few films."""
    counts = _count_films(changes.all_before.facts, changes.before.facts, changes.after.facts)
    is_rare = np.minimum(counts.before, counts.after) <= MAX_FACT_MATCHES
    return entry_facts.find_lists_with(counts.keys[is_rare])


def _count_values(ragged: RaggedArray, values: npt.NDArray[np.uint32]) -> Rows:
    """Count the occurrences of each of these values (ascending, each once)."""
    counted = ragged.values[np.isin(ragged.values, values)]
    return np.bincount(np.searchsorted(values, counted), minlength=len(values))


def _find_by_namesake_counts(entries: WorkKeys, changes: FilmChanges) -> Rows:
    """Find the entries of people whose names became rarer or more common than a limit."""
    counts = _count_namesakes(changes)
    has_crossed = np.zeros(len(counts.keys), dtype=bool)
    for limit in NAMESAKE_LIMITS:
        has_crossed |= (counts.before <= limit) != (counts.after <= limit)
    return entries.namesakes.find_lists_with(counts.keys[has_crossed])


def _find_namesakes(entries: WorkKeys, changes: FilmChanges) -> Rows:
    """Find the entries of about the same year by people with nearly the same name, when few films have it."""
    counts = _count_namesakes(changes)
    rare_keys = counts.keys[np.minimum(counts.before, counts.after) <= max(NAMESAKE_LIMITS)]
    film_pairs = _pair_with_years(changes.both, rare_keys)
    entry_pairs = _pair_with_years(entries, rare_keys)
    gaps = range(-_MAX_YEAR_GAP, _MAX_YEAR_GAP + 1)
    near_years = [_pack(film_pairs.keys, np.where(film_pairs.years > 0, film_pairs.years + gap, 0)) for gap in gaps]
    is_near = np.isin(_pack(entry_pairs.keys, entry_pairs.years), np.concatenate(near_years))
    is_near |= (entry_pairs.years == 0) | np.isin(entry_pairs.keys, film_pairs.keys[film_pairs.years == 0])
    return np.unique(entry_pairs.owners[is_near])


class _YearPairs(NamedTuple):
    """Pairs of a key of a work and one of its years, 0 for a work without any."""

    owners: Rows
    keys: npt.NDArray[np.uint32]
    years: Rows


def _pair_with_years(works: WorkKeys, keys: npt.NDArray[np.uint32]) -> _YearPairs:
    is_wanted = np.isin(works.namesakes.values, keys)
    owners, values = works.namesakes.list_owners()[is_wanted], works.namesakes.values[is_wanted]
    years = works.years[owners].astype(np.int64)
    has_none = ~years.any(axis=1)
    columns = [
        _YearPairs(owners[years[:, side] > 0], values[years[:, side] > 0], years[years[:, side] > 0, side]) for side in (0, 1)
    ]
    columns.append(_YearPairs(owners[has_none], values[has_none], np.zeros(int(has_none.sum()), dtype=np.int64)))
    return _YearPairs(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _pack(keys: npt.NDArray[np.uint32], years: Rows) -> npt.NDArray[np.uint64]:
    return (keys.astype(np.uint64) << _YEAR_BITS) | years.astype(np.uint64)


def _find_similar(trigrams: RaggedArray, floors: npt.NDArray[np.float32], changed: RaggedArray, weights: Weights) -> Rows:
    """Find the entries that have a title similar enough to one of the films that changed."""
    titles, owners = _split_titles(trigrams)
    postings = _PostingList.build(titles, len(owners), weights)
    needed_cosines = floors[owners] - _MARGIN
    cosines = np.zeros(len(owners), dtype=np.float32)
    near = [np.empty(0, dtype=np.int64)]
    film_titles, film_owners = _split_titles(changed)
    vectors = build_vectors(film_titles, len(film_owners), weights)
    spans = {vectors.trigrams[start:end].tobytes(): (start, end) for start, end in pairwise(vectors.row_ends.tolist())}
    for start, end in spans.values():  # a film whose title did not change has it twice
        positions, products = postings.multiply(vectors.trigrams[start:end], vectors.values[start:end])
        np.add.at(cosines, positions, products)
        near.append(positions[cosines[positions] >= needed_cosines[positions]])
        cosines[positions] = 0
    return np.unique(owners[np.concatenate(near)])


class _PostingList(NamedTuple):
    """List the titles of each trigram `t`, with its value in their vectors, from `ends[t]` to `ends[t + 1]`."""

    ends: Rows
    titles: Rows
    values: npt.NDArray[np.float32]

    @classmethod
    def build(cls, titles: TrigramRows, title_count: int, weights: Weights) -> Self:
        """List the titles of each trigram that has a weight."""
        vectors = build_vectors(titles, title_count, weights)
        order = np.argsort(vectors.trigrams, kind="stable")
        ends = np.append(0, np.cumsum(np.bincount(vectors.trigrams, minlength=len(weights))))
        return cls(ends, vectors.rows[order].astype(np.int64), vectors.values[order])

    def multiply(self, trigrams: npt.NDArray[np.uint16], values: npt.NDArray[np.float32]) -> tuple[Rows, npt.NDArray[np.float32]]:
        """Return the titles that have one of these trigrams, once a trigram, and what each adds to their cosine."""
        starts, ends = self.ends[trigrams], self.ends[trigrams.astype(np.int64) + 1]
        counts = ends - starts
        positions = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
        return self.titles[positions], self.values[positions] * np.repeat(values, counts)


def _split_titles(trigrams: RaggedArray) -> tuple[TrigramRows, Rows]:
    """Return the trigrams of each title, and the work that it is a title of."""
    is_end = trigrams.values == TITLE_END
    rows = (np.cumsum(is_end) - is_end)[~is_end].astype(np.int32)
    return TrigramRows(rows, trigrams.values[~is_end]), trigrams.list_owners()[is_end]
