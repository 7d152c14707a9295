"""Find similar titles: sparse vectors of character trigrams, compared by thousands at once."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, csr_matrix
from sparse_dot_topn import sp_matmul_topn

_ALPHABET = b" abcdefghijklmnopqrstuvwxyz0123456789"
_ALPHABET_SIZE = len(_ALPHABET) + 1
"""Any other character has the last code."""
_TRIGRAM_COUNT = _ALPHABET_SIZE**3
_BYTE_CODES = np.full(256, _ALPHABET_SIZE - 1, dtype=np.int64)
_BYTE_CODES[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(len(_ALPHABET))
_MAX_TITLES_PER_TRIGRAM = 1_500
_MIN_COSINE = 0.42
_BATCH_SIZE = 50_000
TrigramRows = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]
"""Pairs of a key's row and a trigram's number, in two columns, sorted."""


def _extract_trigrams(keys: Sequence[str]) -> TrigramRows:
    """Return the distinct trigrams of each key."""
    row_batches, trigram_batches = [np.empty(0, np.int32)], [np.empty(0, np.uint16)]
    for start in range(0, len(keys), _BATCH_SIZE):
        rows, trigrams = _extract_batch_trigrams(keys[start : start + _BATCH_SIZE], start)
        row_batches.append(rows)
        trigram_batches.append(trigrams)
    return np.concatenate(row_batches), np.concatenate(trigram_batches)


def _extract_batch_trigrams(keys: Sequence[str], first_row: int) -> TrigramRows:
    text = "  ".join(("", *keys, "")).encode("ascii", "replace")
    codes = _BYTE_CODES[np.frombuffer(text, dtype=np.uint8)]
    rows = np.repeat(np.arange(len(keys)), [len(key) + 2 for key in keys])
    centres = np.arange(1, 1 + len(rows))
    trigrams = (codes[centres - 1] * _ALPHABET_SIZE + codes[centres]) * _ALPHABET_SIZE + codes[centres + 1]
    # A space beside a space is the gap between two keys.
    is_inside = ~((codes[centres] == 0) & ((codes[centres - 1] == 0) | (codes[centres + 1] == 0)))
    packed = np.unique(rows[is_inside] * _TRIGRAM_COUNT + trigrams[is_inside])
    return (first_row + packed // _TRIGRAM_COUNT).astype(np.int32), (packed % _TRIGRAM_COUNT).astype(np.uint16)


class TrigramIndex:
    """Index titles by their trigrams, weighted by rarity.

    A trigram that too many titles have is left out: it tells nothing, and the cost of a search does not grow with the index.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        rows, trigrams = _extract_trigrams(keys)
        counts = np.bincount(trigrams, minlength=_TRIGRAM_COUNT)
        rarity = np.log1p(len(keys) / np.maximum(counts, 1))
        is_useful = (counts > 0) & (counts <= _MAX_TITLES_PER_TRIGRAM)
        self._weights = np.where(is_useful, rarity, 0).astype(np.float32)
        self._keys_by_trigram = csr_matrix(self._build_vectors(rows, trigrams, len(keys)).T.tocsr())

    def _build_vectors(self, rows: npt.NDArray[np.int32], trigrams: npt.NDArray[np.uint16], key_count: int) -> csr_array:
        """Return a matrix with a row of length 1 for each key."""
        is_weighted = self._weights[trigrams] > 0
        rows, trigrams = rows[is_weighted], trigrams[is_weighted]
        weights = self._weights[trigrams]
        lengths = np.sqrt(np.bincount(rows, weights**2, minlength=key_count)).astype(np.float32)
        row_ends = np.searchsorted(rows, np.arange(key_count + 1)).astype(np.int32)
        return csr_array((weights / lengths[rows], trigrams.astype(np.int32), row_ends), shape=(key_count, _TRIGRAM_COUNT))

    def find_similar(self, keys: Sequence[str], limit: int) -> list[npt.NDArray[np.int32]]:
        """Return, for each key, the positions of the most similar titles, best first."""
        vectors = csr_matrix(self._build_vectors(*_extract_trigrams(keys), len(keys)))
        similar = sp_matmul_topn(vectors, self._keys_by_trigram, top_n=limit, threshold=_MIN_COSINE, sort=True, n_threads=1)
        return [similar.indices[start:end] for start, end in zip(similar.indptr[:-1], similar.indptr[1:], strict=True)]
