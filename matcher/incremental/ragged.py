"""Store lists of various lengths in two arrays."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
"""Positions of lists or of rows of a table."""


class RaggedArray(NamedTuple):
    """Represent lists of numbers, one after the other in `values`; `ends` says where each one ends."""

    ends: Rows
    values: npt.NDArray[Any]

    @classmethod
    def build(cls, lists: Iterable[Sequence[int]], dtype: npt.DTypeLike) -> Self:
        """Store lists of numbers of a type."""
        values: list[int] = []
        ends: list[int] = []
        for numbers in lists:
            values += numbers
            ends.append(len(values))
        return cls(np.array(ends, dtype=np.int64), np.array(values, dtype=dtype))

    @classmethod
    def concatenate(cls, first: Self, second: Self) -> Self:
        """Return the lists of both, those of the first one before."""
        ends = np.concatenate([first.ends, second.ends + len(first.values)])
        return cls(ends, np.concatenate([first.values, second.values]))

    def count_rows(self) -> int:
        """Return the number of lists."""
        return len(self.ends)

    def list_bytes(self) -> list[bytes]:
        """Return each list as bytes; the numbers must be bytes."""
        content = self.values.tobytes()
        return [content[start:end] for start, end in pairwise([0, *self.ends.tolist()])]

    def count_values(self) -> Rows:
        """Return the length of each list."""
        return np.diff(self.ends, prepend=0)

    def list_owners(self) -> Rows:
        """Return, for each value, the position of its list."""
        return np.repeat(np.arange(len(self.ends)), self.count_values())

    def select(self, rows: Rows) -> Self:
        """Return some of the lists, in the order of their positions."""
        counts = self.count_values()[rows]
        ends = np.cumsum(counts)
        sources = np.repeat(self.ends[rows] - ends, counts) + np.arange(int(counts.sum()))
        return type(self)(ends, self.values[sources])

    def find_lists_with(self, wanted: npt.NDArray[Any]) -> Rows:
        """Return the positions of the lists that have one of these values, each once."""
        return np.unique(self.list_owners()[np.isin(self.values, wanted)])
