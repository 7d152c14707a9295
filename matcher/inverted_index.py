"""Index millions of texts by position in two sorted columns, smaller than a dictionary of lists."""

from typing import NamedTuple, Self
from zlib import crc32

import numpy as np
import numpy.typing as npt

_HASH_SHIFT = np.uint64(32)
POSITION_MASK = np.uint64(0xFFFFFFFF)
PackedPairs = npt.NDArray[np.uint64]
"""Pairs of the CRC-32 of a text, in the high bits, and a position."""


def pack_pair(text: str, position: int) -> int:
    """Return a pair as an item of PackedPairs."""
    return (crc32(text.encode()) << 32) | position


class InvertedIndex(NamedTuple):
    """Store the positions of each text: two columns of one length, sorted by hash, then by position.

    Texts are stored as their CRC-32, so that a position may rarely be another text's; none is ever missing.
    """

    hashes: npt.NDArray[np.uint32]
    positions: npt.NDArray[np.int32]

    @classmethod
    def build(cls, pairs: PackedPairs) -> Self:
        """Index pairs given in any order."""
        pairs = np.sort(pairs)
        return cls((pairs >> _HASH_SHIFT).astype(np.uint32), (pairs & POSITION_MASK).astype(np.int32))

    def pack(self) -> PackedPairs:
        """Return the pairs that the index was built from, sorted."""
        return (self.hashes.astype(np.uint64) << _HASH_SHIFT) | self.positions.astype(np.uint64)

    def get_positions(self, text: str) -> npt.NDArray[np.int32]:
        """Return the positions of a text, ascending."""
        text_hash = np.uint32(crc32(text.encode()))
        start = self.hashes.searchsorted(text_hash, "left")
        if start == len(self.hashes) or self.hashes[start] != text_hash:
            return self.positions[:0]
        end = self.hashes.searchsorted(text_hash, "right")
        return self.positions[start:end]
