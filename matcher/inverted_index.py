"""Index millions of texts by position in two sorted columns, smaller than a dictionary of lists."""

from collections.abc import Iterable
from zlib import crc32

import numpy as np
import numpy.typing as npt


class InvertedIndex:
    """Store the positions of each text.

    Texts are stored as their CRC-32, so that a position may rarely be another text's; none is ever missing.
    """

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        packed = np.fromiter(((crc32(text.encode()) << 32) | position for text, position in pairs), dtype=np.uint64)
        packed.sort()
        self._hashes = (packed >> np.uint64(32)).astype(np.uint32)
        self._positions = (packed & np.uint64(0xFFFFFFFF)).astype(np.int32)

    def get_positions(self, text: str) -> npt.NDArray[np.int32]:
        """Return the positions of a text, ascending."""
        text_hash = np.uint32(crc32(text.encode()))
        start = self._hashes.searchsorted(text_hash, "left")
        if start == len(self._hashes) or self._hashes[start] != text_hash:
            return self._positions[:0]
        end = self._hashes.searchsorted(text_hash, "right")
        return self._positions[start:end]
