"""Keep of each film and entry the numbers that tell which films an entry is compared with."""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from matcher.incremental.ragged import RaggedArray, Rows

TITLE_END = np.uint16(0xFFFF)
"""Ends the trigrams of a title; no trigram has this number."""


class WorkKeys(NamedTuple):
    """The keys of films, or of entries, one list a work.

    An entry and a film that share one of `keys` may be compared, or their number may count; `facts` are those of a year, a
    running time and a country; `namesakes` are those of words of people's names; `trigrams` are those of each title; `years` has
    a row a work, 0 where unknown.
    """

    keys: RaggedArray
    facts: RaggedArray
    namesakes: RaggedArray
    trigrams: RaggedArray
    years: npt.NDArray[np.int16]

    @classmethod
    def concatenate(cls, first: Self, second: Self) -> Self:
        """Return the keys of both, those of the first one before."""
        return cls(
            RaggedArray.concatenate(first.keys, second.keys),
            RaggedArray.concatenate(first.facts, second.facts),
            RaggedArray.concatenate(first.namesakes, second.namesakes),
            RaggedArray.concatenate(first.trigrams, second.trigrams),
            np.concatenate([first.years, second.years]),
        )

    def count_rows(self) -> int:
        """Return the number of works."""
        return len(self.years)

    def select(self, rows: Rows) -> Self:
        """Return the keys of some works, in the order of their positions."""
        return type(self)(
            keys=self.keys.select(rows),
            facts=self.facts.select(rows),
            namesakes=self.namesakes.select(rows),
            trigrams=self.trigrams.select(rows),
            years=self.years[rows],
        )
