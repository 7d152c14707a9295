"""Where exports stand: each in a folder that nothing names until it is whole, then links by day that move in one go."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from domain.common.errors import Problem
from opendata.manifest import LATEST, exported_days

KEPT_DAYS = 31
"""Every day of the last month is kept, then the first of each month."""
_VERSIONS = ".versions"


@contextmanager
def new_export(folder: Path, day: date) -> Iterator[Path]:
    """A new folder to write in; once it is, the day leads to it, and « latest » too unless a later day is there.

    Nothing changes for readers when the writing fails or is cut short. Raises Problem when the disk refuses.
    """
    try:
        (folder / _VERSIONS).mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        made = folder / _VERSIONS / f"{day}-{uuid4().hex[:8]}"
        made.mkdir()
        yield made
        _flush(made)
        days = exported_days(folder)
        _lead(folder, day.isoformat(), made)
        if not days or day >= days[0]:
            _lead(folder, LATEST, made)
        _forget(folder, day)
        _sweep(folder)
    except OSError as error:
        raise Problem(f"{folder} : export impossible à écrire ({error.strerror})") from None


def kept(days: list[date], today: date) -> set[date]:
    """The days that are kept, among those exported."""
    firsts = {(day.year, day.month): day for day in sorted(days, reverse=True)}
    return {day for day in days if today - day < timedelta(days=KEPT_DAYS) or day in firsts.values()}


def _lead(folder: Path, name: str, made: Path) -> None:
    """Makes a name lead to an export; a reader finds the old or the new one, never nothing."""
    fresh = folder / _VERSIONS / f"{name}.link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(made.relative_to(folder), target_is_directory=True)
    fresh.replace(folder / name)
    _flush(folder)


def _forget(folder: Path, today: date) -> None:
    days = exported_days(folder)
    for day in set(days) - kept(days, max(today, days[0])):
        (folder / day.isoformat()).unlink()


def _sweep(folder: Path) -> None:
    """Removes what no name leads to: exports replaced, forgotten, or cut short."""
    named = {path.resolve() for path in folder.iterdir() if path.is_symlink()}
    for path in (folder / _VERSIONS).iterdir():
        if path.is_symlink():
            path.unlink()
        elif path.resolve() not in named:
            shutil.rmtree(path)


def _flush(folder: Path) -> None:
    """Makes the names of a folder safe on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
