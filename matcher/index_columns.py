"""Lay out what is indexed of films in arrays: computed part by part, by any process, then merged."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from matcher.comparisons.people import get_person_keys
from matcher.inverted_index import POSITION_MASK, InvertedIndex, PackedPairs, pack_pair
from matcher.stored_works import WorkColumns, concatenate_works, encode_works, select_works
from matcher.trigrams import Positions, TrigramIndex, TrigramRows, extract_trigrams
from matcher.work import Work


class BlockingKeys(NamedTuple):
    """The pairs of a blocking key and a film, one column a kind of key."""

    title: PackedPairs
    part: PackedPairs
    identifier: PackedPairs
    person: PackedPairs
    facts: PackedPairs


class IndexPart(NamedTuple):
    """What is indexed of some films, whose positions count from 0.

    `years` has a row a film: its year and that of its French release, 0 where unknown. `title_counts` are the numbers of title
    keys of the films; `title_hashes` and `trigrams` are those of each title key. `works` are the films themselves.
    """

    keys: BlockingKeys
    years: npt.NDArray[np.int16]
    title_counts: npt.NDArray[np.int32]
    title_hashes: npt.NDArray[np.uint64]
    trigrams: TrigramRows
    works: WorkColumns

    @classmethod
    def build(cls, films: Sequence[Work]) -> Self:
        """Index films by their positions."""
        years = [(film.year or 0, film.release_year or 0) for film in films]
        title_keys = [key for film in films for key in film.title_keys]
        return cls(
            BlockingKeys(
                title=_pack_keys(films, lambda film: film.exact_keys),
                part=_pack_keys(films, lambda film: film.part_keys),
                identifier=_pack_keys(films, lambda film: film.ids),
                person=_pack_keys(films, _get_all_person_keys),
                facts=_pack_keys(films, get_fact_keys),
            ),
            years=np.array(years, dtype=np.int16).reshape(-1, 2),
            title_counts=np.array([len(film.title_keys) for film in films], dtype=np.int32),
            title_hashes=np.frombuffer(b"".join(map(_hash_title, title_keys)), dtype=np.uint64),
            trigrams=extract_trigrams(title_keys),
            works=encode_works(films),
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Return one part with the films of several, at least one, in their order."""
        if len(parts) == 1:
            return parts[0]
        keys, rows = [], []
        first_film, first_title = np.uint64(0), np.int32(0)
        for part in parts:
            keys.append([pairs + first_film for pairs in part.keys])
            rows.append(part.trigrams.rows + first_title)
            first_film += np.uint64(len(part.years))
            first_title += np.int32(len(part.title_hashes))
        return cls(
            BlockingKeys(*map(np.concatenate, zip(*keys, strict=True))),
            np.concatenate([part.years for part in parts]),
            np.concatenate([part.title_counts for part in parts]),
            np.concatenate([part.title_hashes for part in parts]),
            TrigramRows(np.concatenate(rows), np.concatenate([part.trigrams.trigrams for part in parts])),
            concatenate_works([part.works for part in parts]),
        )

    def select(self, order: npt.NDArray[np.int64]) -> Self:
        """Return the part of the films at some positions, each once, in that order."""
        titles = _expand_ranges(self.title_counts, order)
        return type(self)(
            BlockingKeys(*(_renumber_pairs(pairs, order, len(self.years)) for pairs in self.keys)),
            self.years[order],
            self.title_counts[order],
            self.title_hashes[titles],
            _renumber_rows(self.trigrams, titles, len(self.title_hashes)),
            select_works(self.works, order),
        )


class IndexColumns(NamedTuple):
    """The arrays that candidates are found in; positions are those of the films.

    `years` is that of `IndexPart`. Different title keys are numbered by their first film; the films of title key `i` are at
    `title_starts[i]` to `title_starts[i + 1]` of `films_by_title`, and `trigrams` numbers titles likewise.
    """

    by_title: InvertedIndex
    by_part: InvertedIndex
    by_id: InvertedIndex
    by_person: InvertedIndex
    by_facts: InvertedIndex
    years: npt.NDArray[np.int16]
    title_starts: npt.NDArray[np.int64]
    films_by_title: Positions
    trigrams: TrigramIndex

    @classmethod
    def build(cls, part: IndexPart) -> Self:
        """Index all films."""
        title_rows, is_first = _number_titles(part.title_hashes)
        title_count = int(np.count_nonzero(is_first))
        film_by_key = np.repeat(np.arange(len(part.years), dtype=np.int32), part.title_counts)
        is_distinct = is_first[part.trigrams.rows]
        distinct = TrigramRows(title_rows[part.trigrams.rows[is_distinct]], part.trigrams.trigrams[is_distinct])
        return cls(
            by_title=InvertedIndex.build(part.keys.title),
            by_part=InvertedIndex.build(part.keys.part),
            by_id=InvertedIndex.build(part.keys.identifier),
            by_person=InvertedIndex.build(part.keys.person),
            by_facts=InvertedIndex.build(part.keys.facts),
            years=part.years,
            title_starts=np.append(0, np.cumsum(np.bincount(title_rows, minlength=title_count))),
            films_by_title=film_by_key[np.argsort(title_rows, kind="stable")],
            trigrams=TrigramIndex.build(distinct, title_count),
        )


def _number_titles(hashes: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Return the number of each title, counted by first occurrences, and whether it is the first occurrence."""
    order = np.argsort(hashes, kind="stable")
    starts_group = np.append(True, np.diff(hashes[order]) > 0)[: len(order)]
    is_first = np.zeros(len(hashes), dtype=np.bool_)
    is_first[order[starts_group]] = True
    first_occurrences = np.empty(len(hashes), dtype=np.int64)
    first_occurrences[order] = order[starts_group][np.cumsum(starts_group) - 1]
    return (np.cumsum(is_first) - 1)[first_occurrences].astype(np.int32), is_first


def _expand_ranges(lengths: npt.NDArray[np.int32], order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the positions of consecutive ranges of these lengths, the ranges being taken in an order."""
    starts = np.cumsum(lengths) - lengths
    selected_lengths = lengths[order]
    ends = np.cumsum(selected_lengths)
    shifts = np.repeat(starts[order] - (ends - selected_lengths), selected_lengths)
    return shifts + np.arange(len(shifts))


def _invert_order(order: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Return the place of each of so many positions in an order, -1 for those that are not there."""
    places = np.full(count, -1, dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _renumber_pairs(pairs: PackedPairs, order: npt.NDArray[np.int64], film_count: int) -> PackedPairs:
    places = _invert_order(order, film_count)[(pairs & POSITION_MASK).astype(np.int64)]
    is_selected = places >= 0
    return (pairs[is_selected] & ~POSITION_MASK) | places[is_selected].astype(np.uint64)


def _renumber_rows(extracted: TrigramRows, titles: npt.NDArray[np.int64], title_count: int) -> TrigramRows:
    places = _invert_order(titles, title_count)[extracted.rows]
    is_selected = places >= 0
    rows, trigrams = places[is_selected].astype(np.int32), extracted.trigrams[is_selected]
    order = np.argsort(rows, kind="stable")
    return TrigramRows(rows[order], trigrams[order])


def _hash_title(key: str) -> bytes:
    """Return eight bytes that stand for a title: two titles of millions have the same by one chance in a million."""
    return blake2b(key.encode(), digest_size=8).digest()


def get_fact_keys(work: Work) -> list[str]:
    """Return the keys of a year, a running time and a country; none when one is unknown."""
    if not work.year or not work.runtime_min:
        return []
    return [f"{work.year} {work.runtime_min} {country}" for country in work.countries]


def _get_all_person_keys(work: Work) -> Iterable[str]:
    return (key for person in work.people for key in get_person_keys(person))


def _pack_keys(films: Sequence[Work], get_keys: Callable[[Work], Iterable[str]]) -> PackedPairs:
    pairs = (pack_pair(key, position) for position, film in enumerate(films) for key in get_keys(film))
    return np.fromiter(pairs, dtype=np.uint64)
