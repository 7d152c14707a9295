"""Titles that resemble each other: sparse vectors of character trigrams, compared by thousands at once."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, csr_matrix
from sparse_dot_topn import sp_matmul_topn

_ALPHABET = b" abcdefghijklmnopqrstuvwxyz0123456789"
_ALPHABET_SIZE = len(_ALPHABET) + 1
_BYTE_CODES = np.full(256, _ALPHABET_SIZE - 1, dtype=np.int64)
_BYTE_CODES[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(len(_ALPHABET))
_MAX_TITLES_PER_TRIGRAM = 1_500
_MIN_COSINE = 0.42
_BATCH_SIZE = 50_000
TrigramRows = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]


def _extract_trigrams(keys: Sequence[str]) -> TrigramRows:
    """For each key, its distinct trigrams: their rows and their numbers, sorted."""
    parts = [_extract_batch_trigrams(keys[start : start + _BATCH_SIZE], start) for start in range(0, len(keys), _BATCH_SIZE)]
    rows, grams = zip(*parts, strict=True) if parts else ([], [])
    return np.concatenate([np.empty(0, np.int32), *rows]), np.concatenate([np.empty(0, np.uint16), *grams])


def _extract_batch_trigrams(keys: Sequence[str], first: int) -> TrigramRows:
    text = "  ".join(("", *keys, "")).encode("ascii", "replace")
    codes = _BYTE_CODES[np.frombuffer(text, dtype=np.uint8)]
    rows = np.repeat(np.arange(len(keys)), [len(key) + 2 for key in keys])
    at = np.arange(1, 1 + len(rows))
    grams = (codes[at - 1] * _ALPHABET_SIZE + codes[at]) * _ALPHABET_SIZE + codes[at + 1]
    inside = ~((codes[at] == 0) & ((codes[at - 1] == 0) | (codes[at + 1] == 0)))
    flat = np.unique(rows[inside] * _ALPHABET_SIZE**3 + grams[inside])
    return (first + flat // _ALPHABET_SIZE**3).astype(np.int32), (flat % _ALPHABET_SIZE**3).astype(np.uint16)


class TrigramIndex:
    """Titles by their trigrams. Those that too many titles hold tell nothing and are left out: no search grows with the base."""

    def __init__(self, keys: Sequence[str]) -> None:
        rows, grams = _extract_trigrams(keys)
        counts = np.bincount(grams, minlength=_ALPHABET_SIZE**3)
        rarity = np.log1p(len(keys) / np.maximum(counts, 1))
        self._weights = np.where((counts > 0) & (counts <= _MAX_TITLES_PER_TRIGRAM), rarity, 0).astype(np.float32)
        self._by_gram = csr_matrix(self._build_vectors(rows, grams, len(keys)).T.tocsr())

    def _build_vectors(self, rows: npt.NDArray[np.int32], grams: npt.NDArray[np.uint16], height: int) -> csr_array:
        """One row a key, of length 1."""
        kept = self._weights[grams] > 0
        rows, grams = rows[kept], grams[kept]
        weights = self._weights[grams]
        lengths = np.sqrt(np.bincount(rows, weights**2, minlength=height)).astype(np.float32)
        ends = np.searchsorted(rows, np.arange(height + 1)).astype(np.int32)
        return csr_array((weights / lengths[rows], grams.astype(np.int32), ends), shape=(height, _ALPHABET_SIZE**3))

    def find_similar(self, keys: Sequence[str], limit: int) -> list[npt.NDArray[np.int32]]:
        """For each key, the lines of the titles most like it, best first."""
        queries = csr_matrix(self._build_vectors(*_extract_trigrams(keys), len(keys)))
        found = sp_matmul_topn(queries, self._by_gram, top_n=limit, threshold=_MIN_COSINE, sort=True, n_threads=1)
        return [found.indices[start:end] for start, end in zip(found.indptr[:-1], found.indptr[1:], strict=True)]
