"""Keep indexes of films in files under `var/match`, each valid for one content of the films and one version of the code."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from domain.common.environment import ROOT, get_var
from matcher.array_files import Arrays, DamagedFileError, map_arrays, write_arrays
from matcher.blocking import FilmIndex
from matcher.index_columns import IndexColumns
from matcher.stored_works import StoredWorks, WorkColumns

_MAX_FILES = 8
_SUFFIX = ".index"
_SOURCE_FOLDERS = ("matcher", "matcher/comparisons", "matcher/loaders", "domain/common")
"""The code that shapes what is stored: when a file there changes, indexes are built again."""


class StoredIndex(NamedTuple):
    """What a file holds: the films, their index, and arrays that whoever built it wants back."""

    works: WorkColumns
    columns: IndexColumns
    notes: Arrays

    def open(self) -> FilmIndex:
        """Return the index, whose films are decoded when they are read."""
        return FilmIndex.restore(StoredWorks(self.works), self.columns)


def compute_digest(*parts: bytes) -> str:
    """Return a text that tells contents apart."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def get_index_path(base: str, content: str) -> Path:
    """Return the file of the index of a base of films, from the digest of what it holds."""
    return get_var() / "match" / f"{base}-{content}-{_compute_code_digest()}{_SUFFIX}"


def _compute_code_digest() -> str:
    paths = sorted(path for folder in _SOURCE_FOLDERS for path in (ROOT / folder).glob("*.py"))
    return compute_digest(sys.version.encode(), sys.byteorder.encode(), *(path.read_bytes() for path in paths))


def find_newest_index(base: str) -> StoredIndex | None:
    """Return the index of a base that was stored last by this version of the code, whatever it held then; None without any."""
    folder = get_var() / "match"
    paths = sorted(folder.glob(f"{base}-*-{_compute_code_digest()}{_SUFFIX}"), key=_get_last_use)
    return load_index(paths[-1]) if paths else None


def delete_other_indexes(base: str, path: Path) -> None:
    """Delete the files of a base but one; processes that read them go on."""
    with suppress(OSError):
        for other in path.parent.glob(f"{base}-*{_SUFFIX}"):
            if other != path and path.exists():
                other.unlink(missing_ok=True)


def _get_last_use(path: Path) -> float:
    """Return when a file was last used; 0 when another process has just deleted it."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def load_index(path: Path) -> StoredIndex | None:
    """Return a stored index; None when it is not there, cannot be read or is damaged."""
    try:
        arrays = map_arrays(path)
    except (OSError, DamagedFileError):
        return None
    with suppress(OSError):
        os.utime(path)  # what is in use is deleted last
    notes = {name.removeprefix("notes."): array for name, array in arrays.items() if name.startswith("notes.")}
    works, columns = _restore_tuple(WorkColumns, arrays, "works."), _restore_tuple(IndexColumns, arrays, "columns.")
    return StoredIndex(works, columns, notes)


def save_index(path: Path, stored: StoredIndex) -> None:
    """Store an index, and delete the files not used for longest; where the disk cannot be written, nothing happens."""
    arrays = dict(_flatten_tuple(stored.works, "works.")) | dict(_flatten_tuple(stored.columns, "columns."))
    arrays |= {f"notes.{name}": array for name, array in stored.notes.items()}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_arrays(path, arrays)
        _delete_old_files(path.parent)


def _delete_old_files(folder: Path) -> None:
    paths = sorted(folder.glob(f"*{_SUFFIX}"), key=_get_last_use, reverse=True)
    for path in paths[_MAX_FILES:]:
        path.unlink(missing_ok=True)


def _flatten_tuple(columns: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a tuple of arrays and tuples, by dotted name."""
    for name, value in zip(columns._fields, columns, strict=True):
        if isinstance(value, tuple):
            yield from _flatten_tuple(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _restore_tuple(kind: Any, arrays: Arrays, prefix: str) -> Any:
    """Return the tuple whose arrays `_flatten_tuple` named. Raise KeyError when one is missing."""
    values = []
    for name, hint in get_type_hints(kind).items():
        is_tuple = hasattr(hint, "_fields")
        values.append(_restore_tuple(hint, arrays, f"{prefix}{name}.") if is_tuple else arrays[f"{prefix}{name}"])
    return kind(*values)
