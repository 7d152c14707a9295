"""Where exports stand: each in a folder that nothing names until it is whole, then links by day that move in one go."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from domain.common.errors import UserError
from opendata.manifest import LATEST_NAME, list_exported_days

DAILY_RETENTION_DAYS = 31
"""Every day of the last month is kept, then the first of each month."""
_VERSIONS_FOLDER = ".versions"


@contextmanager
def create_version(folder: Path, day: date) -> Iterator[Path]:
    """A new folder to write in; once it is, the day leads to it, and « latest » too unless a later day is there.

    Nothing changes for readers when the writing fails or is cut short. Raises Problem when the disk refuses.
    """
    try:
        (folder / _VERSIONS_FOLDER).mkdir(parents=True, exist_ok=True)
        _remove_unlinked_versions(folder)
        made = folder / _VERSIONS_FOLDER / f"{day}-{uuid4().hex[:8]}"
        made.mkdir()
        yield made
        _sync_folder(made)
        days = list_exported_days(folder)
        _update_link(folder, day.isoformat(), made)
        if not days or day >= days[0]:
            _update_link(folder, LATEST_NAME, made)
        _remove_expired_links(folder, day)
        _remove_unlinked_versions(folder)
    except OSError as error:
        raise UserError(f"{folder} : export impossible à écrire ({error.strerror})") from None


def select_retained_days(days: list[date], today: date) -> set[date]:
    """The days that are kept, among those exported."""
    firsts = {(day.year, day.month): day for day in sorted(days, reverse=True)}
    return {day for day in days if today - day < timedelta(days=DAILY_RETENTION_DAYS) or day in firsts.values()}


def _update_link(folder: Path, name: str, version_folder: Path) -> None:
    """Makes a name lead to an export; a reader finds the old or the new one, never nothing."""
    fresh = folder / _VERSIONS_FOLDER / f"{name}.link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(version_folder.relative_to(folder), target_is_directory=True)
    fresh.replace(folder / name)
    _sync_folder(folder)


def _remove_expired_links(folder: Path, today: date) -> None:
    days = list_exported_days(folder)
    for day in set(days) - select_retained_days(days, max(today, days[0])):
        (folder / day.isoformat()).unlink()


def _remove_unlinked_versions(folder: Path) -> None:
    """Removes what no name leads to: exports replaced, forgotten, or cut short."""
    named = {path.resolve() for path in folder.iterdir() if path.is_symlink()}
    for path in (folder / _VERSIONS_FOLDER).iterdir():
        if path.is_symlink():
            path.unlink()
        elif path.resolve() not in named:
            shutil.rmtree(path)


def _sync_folder(folder: Path) -> None:
    """Makes the names of a folder safe on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
