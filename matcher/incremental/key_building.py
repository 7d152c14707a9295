"""Compute the keys of films and of entries (`matcher.incremental.work_keys`)."""

from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

import numpy as np

from matcher.comparisons.people import get_person_keys
from matcher.incremental.ragged import RaggedArray
from matcher.incremental.work_keys import TITLE_END, WorkKeys
from matcher.index_columns import get_fact_keys
from matcher.trigrams import extract_trigrams
from matcher.work import Work


def build_film_keys(films: Sequence[Work]) -> WorkKeys:
    """Return the keys that films are found by."""
    return _build_keys(films, _list_film_keys)


def build_entry_keys(entries: Sequence[Work]) -> WorkKeys:
    """Return the keys that films are searched by for entries."""
    return _build_keys(entries, _list_entry_keys)


def _build_keys(works: Sequence[Work], list_keys: Callable[[Work], Iterable[str]]) -> WorkKeys:
    years = np.array([(work.year or 0, work.release_year or 0) for work in works], dtype=np.int16).reshape(-1, 2)
    return WorkKeys(
        RaggedArray.build(([crc32(key.encode()) for key in list_keys(work)] for work in works), np.uint32),
        RaggedArray.build(([crc32(key.encode()) for key in get_fact_keys(work)] for work in works), np.uint32),
        RaggedArray.build(([crc32(key.encode()) for key in _list_namesake_keys(work)] for work in works), np.uint32),
        _extract_work_trigrams(works),
        years,
    )


def _list_film_keys(film: Work) -> list[str]:
    keys = [f"title {key}" for key in film.exact_keys]
    keys += [f"part {key}" for key in film.part_keys]
    return keys + _list_common_keys(film)


def _list_entry_keys(entry: Work) -> list[str]:
    keys = [f"title {key}" for key in (*entry.exact_keys, *entry.part_keys)]
    keys += [f"part {key}" for key in entry.exact_keys]
    return keys + _list_common_keys(entry)


def _list_common_keys(work: Work) -> list[str]:
    keys = [f"person {get_person_keys(person)[0]}" for person in work.people]
    return keys + [f"identifier {identifier}" for identifier in (*work.ids, *work.weak_ids)]


def _list_namesake_keys(work: Work) -> list[str]:
    return [key for person in work.people for key in get_person_keys(person)[1:]]


def _extract_work_trigrams(works: Sequence[Work]) -> RaggedArray:
    """Return the trigrams of the titles of each work, each title ended by TITLE_END."""
    rows, trigrams = extract_trigrams([key for work in works for key in work.title_keys])
    title_counts = np.array([len(work.title_keys) for work in works], dtype=np.int64)
    lengths = np.bincount(rows, minlength=int(title_counts.sum()))
    title_ends = np.cumsum(lengths + 1)
    values = np.full(int(title_ends[-1]) if len(title_ends) else 0, TITLE_END, dtype=np.uint16)
    values[np.arange(len(trigrams)) + rows] = trigrams
    work_ends = np.append(0, title_ends)[np.cumsum(title_counts)]
    return RaggedArray(work_ends.astype(np.int64), values)
