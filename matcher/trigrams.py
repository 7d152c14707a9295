"""Titles that resemble each other: sparse vectors of character trigrams, compared by thousands at once."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, csr_matrix
from sparse_dot_topn import sp_matmul_topn

_ALPHABET = b" abcdefghijklmnopqrstuvwxyz0123456789"
_BASE = len(_ALPHABET) + 1
_CODES = np.full(256, _BASE - 1, dtype=np.int64)
_CODES[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(len(_ALPHABET))
_LONGEST_POSTING = 1_500
_LEAST_COSINE = 0.42
_BLOCK = 50_000
Grams = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]


def _grams(keys: Sequence[str]) -> Grams:
    """For each key, its distinct trigrams: their rows and their numbers, sorted."""
    parts = [_some_grams(keys[start : start + _BLOCK], start) for start in range(0, len(keys), _BLOCK)]
    rows, grams = zip(*parts, strict=True) if parts else ([], [])
    return np.concatenate([np.empty(0, np.int32), *rows]), np.concatenate([np.empty(0, np.uint16), *grams])


def _some_grams(keys: Sequence[str], first: int) -> Grams:
    text = "  ".join(("", *keys, "")).encode("ascii", "replace")
    codes = _CODES[np.frombuffer(text, dtype=np.uint8)]
    rows = np.repeat(np.arange(len(keys)), [len(key) + 2 for key in keys])
    at = np.arange(1, 1 + len(rows))
    grams = (codes[at - 1] * _BASE + codes[at]) * _BASE + codes[at + 1]
    inside = ~((codes[at] == 0) & ((codes[at - 1] == 0) | (codes[at + 1] == 0)))
    flat = np.unique(rows[inside] * _BASE**3 + grams[inside])
    return (first + flat // _BASE**3).astype(np.int32), (flat % _BASE**3).astype(np.uint16)


class TrigramIndex:
    """Titles by their trigrams. Those that too many titles hold tell nothing and are left out: no search grows with the base."""

    def __init__(self, keys: Sequence[str]) -> None:
        rows, grams = _grams(keys)
        counts = np.bincount(grams, minlength=_BASE**3)
        rarity = np.log1p(len(keys) / np.maximum(counts, 1))
        self._weights = np.where((counts > 0) & (counts <= _LONGEST_POSTING), rarity, 0).astype(np.float32)
        self._by_gram = csr_matrix(self._vectors(rows, grams, len(keys)).T.tocsr())

    def _vectors(self, rows: npt.NDArray[np.int32], grams: npt.NDArray[np.uint16], height: int) -> csr_array:
        """One row a key, of length 1."""
        kept = self._weights[grams] > 0
        rows, grams = rows[kept], grams[kept]
        weights = self._weights[grams]
        lengths = np.sqrt(np.bincount(rows, weights**2, minlength=height)).astype(np.float32)
        ends = np.searchsorted(rows, np.arange(height + 1)).astype(np.int32)
        return csr_array((weights / lengths[rows], grams.astype(np.int32), ends), shape=(height, _BASE**3))

    def near(self, keys: Sequence[str], most: int) -> list[npt.NDArray[np.int32]]:
        """For each key, the lines of the titles most like it, best first."""
        queries = csr_matrix(self._vectors(*_grams(keys), len(keys)))
        found = sp_matmul_topn(queries, self._by_gram, top_n=most, threshold=_LEAST_COSINE, sort=True, n_threads=1)
        return [found.indices[start:end] for start, end in zip(found.indptr[:-1], found.indptr[1:], strict=True)]
