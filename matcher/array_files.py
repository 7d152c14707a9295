"""Store named NumPy arrays in one file that is mapped in memory, and never trusted when it is damaged."""

import json
import mmap
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from domain.common.atomic_write import write_chunks_atomically

Arrays = Mapping[str, npt.NDArray[Any]]
_MAGIC = b"OUVOIRA1"
_START = struct.Struct("<8sIQ")
"""The magic word, then the CRC-32 and the size of all that follows: the header, then the arrays."""
_HEADER_SIZE = struct.Struct("<Q")
_ALIGNMENT = 64


class DamagedFileError(Exception):
    """Report a file of arrays that is truncated, altered, or something else."""


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays of one or two dimensions, whole or not at all. Raise OSError."""
    chunks = list(_iter_chunks(arrays))
    checksum = 0
    for chunk in chunks:
        checksum = crc32(chunk, checksum)
    start = _START.pack(_MAGIC, checksum, sum(map(len, chunks)))
    # Without a flush to the disk: after a power cut, the checksum tells that the file is damaged.
    write_chunks_atomically(path, [start, *chunks], durable=False)


def _iter_chunks(arrays: Arrays) -> Iterator[bytes | memoryview]:
    header, offset = {}, 0
    for name, array in arrays.items():
        header[name] = (array.dtype.str, array.shape, offset)
        offset += _pad(array.nbytes)
    encoded = json.dumps(header).encode()
    used = _START.size + _HEADER_SIZE.size + len(encoded)
    encoded += b" " * (_pad(used) - used)
    yield _HEADER_SIZE.pack(len(encoded))
    yield encoded
    for array in arrays.values():
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        yield bytes(_pad(array.nbytes) - array.nbytes)


def _pad(size: int) -> int:
    """Return the first multiple of the alignment that is not under a size."""
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def map_arrays(path: Path) -> Arrays:
    """Map the arrays of a file, read only: they stay valid when the file is replaced or deleted.

    Raise OSError when it cannot be read, DamagedFileError when it is not what was written.
    """
    with path.open("rb") as file:
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            magic, checksum, size = _START.unpack_from(mapped)
        except (ValueError, struct.error):
            raise DamagedFileError(path) from None
    content = memoryview(mapped)[_START.size :]
    if magic != _MAGIC or size != len(content) or crc32(content) != checksum:
        raise DamagedFileError(path)
    (header_size,) = _HEADER_SIZE.unpack_from(content)
    header = json.loads(bytes(content[_HEADER_SIZE.size : _HEADER_SIZE.size + header_size]))
    data = content[_HEADER_SIZE.size + header_size :]
    return {name: _view_array(data, *description) for name, description in header.items()}


def _view_array(data: memoryview, dtype: str, shape: list[int], offset: int) -> npt.NDArray[Any]:
    count = int(np.prod(shape))
    return np.frombuffer(data, np.dtype(dtype), count, offset).reshape(shape)
