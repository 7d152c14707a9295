"""Find similar titles: sparse vectors of character trigrams, compared by thousands at once."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, csr_matrix
from sparse_dot_topn import sp_matmul_topn

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
_BREADTH_FACTOR = 4
_BATCH_SIZE = 50_000
TrigramRows = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]
"""Pairs of a key's row and a trigram's number, in two columns, sorted."""
Weights = npt.NDArray[np.float32]
"""The weight of each trigram; 0 for one that too many titles have."""


class SimilarTitles(NamedTuple):
    """The positions of the titles most similar to a key, best first, and the cosine that another one needs to be among them."""

    positions: npt.NDArray[np.int32]
    floor: float


def extract_trigrams(keys: Sequence[str]) -> TrigramRows:
    """Return the distinct trigrams of each key."""
    row_batches, trigram_batches = [np.empty(0, np.int32)], [np.empty(0, np.uint16)]
    for start in range(0, len(keys), _BATCH_SIZE):
        rows, trigrams = _extract_batch_trigrams(keys[start : start + _BATCH_SIZE], start)
        row_batches.append(rows)
        trigram_batches.append(trigrams)
    return np.concatenate(row_batches), np.concatenate(trigram_batches)


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
    packed = np.unique(rows[is_inside] * _TRIGRAM_COUNT + trigrams[is_inside])
    return (first_row + packed // _TRIGRAM_COUNT).astype(np.int32), (packed % _TRIGRAM_COUNT).astype(np.uint16)


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


def build_vectors(rows: npt.NDArray[np.int32], trigrams: npt.NDArray[np.uint16], key_count: int, weights: Weights) -> csr_array:
    """Return a matrix with a row of length 1 for each key, from the trigrams of each row."""
    is_weighted = weights[trigrams] > 0
    rows, trigrams = rows[is_weighted], trigrams[is_weighted]
    values = weights[trigrams]
    lengths = np.sqrt(np.bincount(rows, values**2, minlength=key_count)).astype(np.float32)
    row_ends = np.searchsorted(rows, np.arange(key_count + 1)).astype(np.int32)
    return csr_array((values / lengths[rows], trigrams.astype(np.int32), row_ends), shape=(key_count, _TRIGRAM_COUNT))


class TrigramIndex:
    """Index titles by their trigrams, weighted by rarity."""

    def __init__(self, keys: Sequence[str]) -> None:
        rows, trigrams = extract_trigrams(keys)
        self._weights = get_trigram_weights(len(keys))
        self._keys_by_trigram = csr_matrix(build_vectors(rows, trigrams, len(keys), self._weights).T.tocsr())

    def find_similar(self, keys: Sequence[str], limit: int) -> list[SimilarTitles]:
        """Return, for each key, the most similar titles, at most `limit`; of equally similar ones, the first."""
        vectors = csr_matrix(build_vectors(*extract_trigrams(keys), len(keys), self._weights))
        similar: dict[int, SimilarTitles] = {}
        breadth = _BREADTH_FACTOR * limit
        while len(similar) < len(keys):
            rows = [row for row in range(len(keys)) if row not in similar]
            products = self._multiply(vectors[rows], breadth)
            for row, start, end in zip(rows, products.indptr[:-1], products.indptr[1:], strict=True):
                cosines = products.data[start:end]
                # Of titles as similar as the last one, some may be missing: which ones would depend on the others.
                if len(cosines) < breadth or cosines[-1] < cosines[limit - 1]:
                    similar[row] = _select_best(products.indices[start:end], cosines, limit)
            breadth *= _BREADTH_FACTOR**2
        return [similar[row] for row in range(len(keys))]

    def _multiply(self, vectors: csr_matrix, limit: int) -> csr_matrix:
        return sp_matmul_topn(vectors, self._keys_by_trigram, top_n=limit, threshold=MIN_COSINE, sort=True, n_threads=1)


def _select_best(positions: npt.NDArray[np.int32], cosines: npt.NDArray[np.float32], limit: int) -> SimilarTitles:
    """Select the titles most similar to a key, best first, then in their order."""
    if len(positions) <= 1:
        return SimilarTitles(positions, MIN_COSINE)
    order = np.lexsort((positions, -cosines))[:limit]
    floor = float(cosines[order[-1]]) if len(order) == limit else MIN_COSINE
    return SimilarTitles(positions[order], floor)
