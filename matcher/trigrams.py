"""Find similar titles: sparse vectors of character trigrams, compared through lists of the titles that have each trigram."""

import json
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt

LETTER_PAIRS_FILE = Path(__file__).with_name("letter_pairs.json")
"""How often two characters follow each other in titles (`matcher.training.letter_pairs` counts them)."""
ALPHABET = " abcdefghijklmnopqrstuvwxyz0123456789*"
"""The characters of keys; « * » stands for any other."""
_ALPHABET_SIZE = len(ALPHABET)
_TRIGRAM_COUNT = _ALPHABET_SIZE**3
_BYTE_CODES = np.full(256, _ALPHABET_SIZE - 1, dtype=np.int64)
_BYTE_CODES[np.frombuffer(ALPHABET.encode(), dtype=np.uint8)] = np.arange(_ALPHABET_SIZE)
_MAX_TITLES_PER_TRIGRAM = 2_000
MIN_COSINE = 0.42
_MIN_COSINE = np.float32(MIN_COSINE)
_MAX_TITLES_AROUND = 30
"""Titles for each one that shares a trigram, over which looking at all of them takes longer."""
_BATCH_SIZE = 50_000
_NO_TITLES = np.empty(0, dtype=np.int32)
_Integer = TypeVar("_Integer", np.int32, np.int64)
Positions = npt.NDArray[np.int32]
"""Positions of films or of titles, ascending, each once."""
Weights = npt.NDArray[np.float32]
"""The weight of each trigram; 0 for one that too many titles have."""


class TrigramRows(NamedTuple):
    """Pairs of a key's row and a trigram's number, in two columns, sorted, each pair once."""

    rows: npt.NDArray[np.int32]
    trigrams: npt.NDArray[np.uint16]


class TrigramVectors(NamedTuple):
    """A sparse matrix with a row of length 1 for each key: that of key `i` is at `row_ends[i]` to `row_ends[i + 1]`."""

    rows: npt.NDArray[np.int32]
    trigrams: npt.NDArray[np.uint16]
    values: npt.NDArray[np.float32]
    row_ends: npt.NDArray[np.int64]


class SimilarTitles(NamedTuple):
    """The positions of the titles most similar to a key, best first, and the cosine that another one needs to be among them."""

    positions: npt.NDArray[np.int32]
    floor: float


def extract_trigrams(keys: Sequence[str]) -> TrigramRows:
    """Return the distinct trigrams of each key."""
    batches = [TrigramRows(np.empty(0, np.int32), np.empty(0, np.uint16))]
    for start in range(0, len(keys), _BATCH_SIZE):
        batches.append(_extract_batch_trigrams(keys[start : start + _BATCH_SIZE], start))
    rows, trigrams = zip(*batches, strict=True)
    return TrigramRows(np.concatenate(rows), np.concatenate(trigrams))


def encode_characters(keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the codes of the characters of keys, one after the other, with two spaces before, between and after them."""
    text = "  ".join(("", *keys, "")).encode("ascii", "replace")
    return _BYTE_CODES[np.frombuffer(text, dtype=np.uint8)]


def _extract_batch_trigrams(keys: Sequence[str], first_row: int) -> TrigramRows:
    codes = encode_characters(keys)
    rows = np.repeat(np.arange(len(keys)), [len(key) + 2 for key in keys])
    centres = np.arange(1, 1 + len(rows))
    trigrams = (codes[centres - 1] * _ALPHABET_SIZE + codes[centres]) * _ALPHABET_SIZE + codes[centres + 1]
    # A space beside a space is the gap between two keys.
    is_inside = ~((codes[centres] == 0) & ((codes[centres - 1] == 0) | (codes[centres + 1] == 0)))
    packed = sort_distinct(rows[is_inside] * _TRIGRAM_COUNT + trigrams[is_inside])
    return TrigramRows((first_row + packed // _TRIGRAM_COUNT).astype(np.int32), (packed % _TRIGRAM_COUNT).astype(np.uint16))


def sort_distinct(values: npt.NDArray[_Integer]) -> npt.NDArray[_Integer]:
    """Return numbers in order, each once."""
    ascending = np.sort(values)
    is_first = np.ones(len(ascending), dtype=np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=is_first[1:])
    return ascending[is_first]


@lru_cache(maxsize=1)
def _load_trigram_shares() -> npt.NDArray[np.float64]:
    """Return the share of titles expected to have each trigram: a pair of letters, followed by one that follows the second."""
    stored = json.loads(LETTER_PAIRS_FILE.read_text(encoding="utf-8"))
    pairs = np.zeros((_ALPHABET_SIZE, _ALPHABET_SIZE))
    for first, counts in stored["per_thousand_titles"].items():
        for second, count in counts.items():
            pairs[ALPHABET.index(first), ALPHABET.index(second)] = count / 1_000
    pairs = np.maximum(pairs, stored["rarest"] / 1_000)
    shares = pairs[:, :, None] * pairs[None, :, :] / pairs.sum(axis=1)[None, :, None]
    return np.asarray(np.maximum(shares.ravel(), stored["rarest"] / 1_000), dtype=np.float64)


def get_trigram_weights(title_count: int) -> Weights:
    """Return the weight of each trigram in an index of so many titles: the rarer, the more it tells.

    A trigram that too many titles have is left out: it tells nothing, and the cost of a search does not grow with the index.
    The weights do not depend on what the titles are, and change only where their number passes a power of two: two titles
    are as similar whatever the others.
    """
    shares = _load_trigram_shares()
    expected_counts = shares * 2 ** (max(title_count, 1) - 1).bit_length()
    return np.where(expected_counts <= _MAX_TITLES_PER_TRIGRAM, np.log1p(1 / shares), 0).astype(np.float32)


def build_vectors(extracted: TrigramRows, key_count: int, weights: Weights) -> TrigramVectors:
    """Return the vectors of keys, from the trigrams of each row; trigrams without weight are left out."""
    is_weighted = weights[extracted.trigrams] > 0
    rows, trigrams = extracted.rows[is_weighted], extracted.trigrams[is_weighted]
    values = weights[trigrams]
    lengths = np.sqrt(np.bincount(rows, values**2, minlength=key_count)).astype(np.float32)
    return TrigramVectors(rows, trigrams, values / lengths[rows], np.searchsorted(rows, np.arange(key_count + 1)))


class TrigramIndex(NamedTuple):
    """Index titles by their trigrams, weighted by rarity.

    The titles of trigram `t`, and its values in their vectors, are at `ends[t]` to `ends[t + 1]` of the last two columns.
    """

    weights: Weights
    ends: npt.NDArray[np.int64]
    titles: Positions
    values: npt.NDArray[np.float32]

    @classmethod
    def build(cls, extracted: TrigramRows, title_count: int) -> Self:
        """Index so many titles, different from each other, by their trigrams."""
        weights = get_trigram_weights(title_count)
        vectors = build_vectors(extracted, title_count, weights)
        order = np.argsort(vectors.trigrams, kind="stable")
        ends = np.append(0, np.cumsum(np.bincount(vectors.trigrams, minlength=_TRIGRAM_COUNT)))
        return cls(weights, ends, vectors.rows[order], vectors.values[order])

    def find_similar(self, keys: Sequence[str], limit: int) -> list[SimilarTitles]:
        """Return, for each key, the most similar titles, at most `limit`; of equally similar ones, the first."""
        vectors = build_vectors(extract_trigrams(keys), len(keys), self.weights)
        cosines = np.zeros(self.titles.max(initial=0) + 1, dtype=np.float32)
        similar = []
        for start, end in pairwise(vectors.row_ends.tolist()):
            similar.append(self._find_nearest(vectors.trigrams[start:end], vectors.values[start:end], limit, cosines))
        return similar

    def _find_nearest(
        self, trigrams: npt.NDArray[np.uint16], values: npt.NDArray[np.float32], limit: int, cosines: npt.NDArray[np.float32]
    ) -> SimilarTitles:
        """Return the titles nearest to a vector; `cosines` is a working space, all zeros before and after."""
        if not len(trigrams):
            return SimilarTitles(_NO_TITLES, MIN_COSINE)
        starts, ends = self.ends[trigrams], self.ends[trigrams + np.uint16(1)]
        spans = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        titles = np.concatenate([self.titles[span] for span in spans], dtype=np.intp)  # faster to index with than np.int32
        products = np.concatenate([self.values[span] for span in spans])
        products *= np.repeat(values, ends - starts)
        np.add.at(cosines, titles, products)
        seen: npt.NDArray[np.intp] | slice
        if len(titles) * _MAX_TITLES_AROUND > len(cosines):
            near, seen = np.flatnonzero(cosines > _MIN_COSINE), slice(None)
        else:
            near, seen = sort_distinct(titles[cosines[titles] > _MIN_COSINE]), titles
        similar = _select_best(near.astype(np.int32), cosines[near], limit)
        cosines[seen] = 0
        return similar


def _select_best(positions: Positions, cosines: npt.NDArray[np.float32], limit: int) -> SimilarTitles:
    """Select the titles most similar to a key, best first, then in their order."""
    if len(positions) <= 1:
        return SimilarTitles(positions, MIN_COSINE)
    order = np.argsort(-cosines, kind="stable")[:limit]
    floor = float(cosines[order[-1]]) if len(order) == limit else MIN_COSINE
    return SimilarTitles(positions[order], floor)
