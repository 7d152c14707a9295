"""Store works one after the other in an array of bytes, and decode one only when it is read."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple, overload

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.work import Work

_CACHE_SIZE = 50_000  # some 60 MB
_DECODER = msgspec.msgpack.Decoder(Work)


class WorkColumns(NamedTuple):
    """The bytes of works, one after the other, and where each one ends."""

    content: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]


def encode_works(works: Iterable[Work]) -> WorkColumns:
    """Return works in the form that `StoredWorks` reads."""
    encode = msgspec.msgpack.Encoder().encode
    encoded = [encode(work) for work in works]
    ends = np.fromiter(accumulate(map(len, encoded)), dtype=np.int64)
    return WorkColumns(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)


def concatenate_works(parts: Sequence[WorkColumns]) -> WorkColumns:
    """Return the works of several columns in one, in their order."""
    first_bytes = np.cumsum([0, *(len(part.content) for part in parts)])
    ends = [part.ends + first_byte for part, first_byte in zip(parts, first_bytes, strict=False)]
    return WorkColumns(np.concatenate([part.content for part in parts]), np.concatenate(ends))


def select_works(columns: WorkColumns, order: npt.NDArray[np.int64]) -> WorkColumns:
    """Return the works at some positions, in that order."""
    content, starts = columns.content.data, np.append(0, columns.ends[:-1])
    spans = zip(starts[order].tolist(), columns.ends[order].tolist(), strict=True)
    selected = b"".join([content[start:end] for start, end in spans])
    ends = np.cumsum((columns.ends - starts[: len(columns.ends)])[order])
    return WorkColumns(np.frombuffer(selected, dtype=np.uint8), ends)


class StoredWorks(Sequence[Work]):
    """Read works from an array of bytes; the last ones read are kept decoded."""

    def __init__(self, columns: WorkColumns) -> None:
        self.columns = columns
        self._content = columns.content.data
        self._ends = columns.ends
        self._decode_cached = lru_cache(_CACHE_SIZE)(self._decode)

    def __len__(self) -> int:
        """Return the number of works."""
        return len(self._ends)

    @overload
    def __getitem__(self, position: int) -> Work: ...

    @overload
    def __getitem__(self, position: slice) -> Sequence[Work]: ...

    def __getitem__(self, position: int | slice) -> Work | Sequence[Work]:
        """Return a work, or those of a slice. Raise IndexError."""
        if isinstance(position, slice):
            return [self._decode_cached(index) for index in range(*position.indices(len(self)))]
        return self._decode_cached(range(len(self))[position])

    def __iter__(self) -> Iterator[Work]:
        """Yield every work, without keeping any."""
        return map(self._decode, range(len(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Send a copy to another process."""
        return (StoredWorks, (self.columns,))

    def _decode(self, position: int) -> Work:
        start = self._ends[position - 1] if position else 0
        return _DECODER.decode(self._content[start : self._ends[position]])
