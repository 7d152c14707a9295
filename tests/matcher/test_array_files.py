"""A file of arrays gives back what was written, or says that it is damaged."""

from pathlib import Path

import numpy as np
import pytest

from matcher.array_files import Arrays, DamagedFileError, map_arrays, write_arrays

ARRAYS: Arrays = {
    "names": np.arange(7, dtype=np.uint8),
    "years": np.arange(6, dtype=np.int16).reshape(3, 2),
    "empty": np.empty(0, dtype=np.uint64),
    "none": np.empty((0, 2), dtype=np.int16),
    "weights": np.array([0.5, 1.5], dtype=np.float32),
}


def test_arrays_come_back_with_their_types_and_shapes(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a", ARRAYS)
    read = map_arrays(tmp_path / "a")
    assert list(read) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype and read[name].shape == array.shape
        assert np.array_equal(read[name], array) and not read[name].flags.writeable


def test_arrays_stay_valid_when_the_file_is_replaced_or_deleted(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a", ARRAYS)
    read = map_arrays(tmp_path / "a")
    write_arrays(tmp_path / "a", {"names": np.zeros(7, dtype=np.uint8)})
    (tmp_path / "a").unlink()
    assert read["names"].tolist() == list(range(7))


@pytest.mark.parametrize("content", [b"", b"x", b"something else entirely, but longer than a header"])
def test_another_file_is_not_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DamagedFileError):
        map_arrays(tmp_path / "a")


def test_a_truncated_file_is_not_read(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a", ARRAYS)
    data = (tmp_path / "a").read_bytes()
    for size in range(0, len(data), 13):
        (tmp_path / "a").write_bytes(data[:size])
        with pytest.raises(DamagedFileError):
            map_arrays(tmp_path / "a")


def test_a_file_with_one_altered_bit_is_not_read(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a", ARRAYS)
    data = bytearray((tmp_path / "a").read_bytes())
    for position in range(0, len(data), 7):
        data[position] ^= 4
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(DamagedFileError):
            map_arrays(tmp_path / "a")
        data[position] ^= 4


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        map_arrays(tmp_path / "a")
