"""Write exports atomically: fill a version folder, then link the day to it, and remove what nothing links to.

Readers only see the links, through `opendata.manifest`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from domain.common.atomic_write import sync_folder
from domain.common.errors import UserError
from opendata.manifest import LATEST_NAME, list_exported_days

DAILY_RETENTION_DAYS = 31
"""Every day of the last month is kept, then the first of each month."""
_VERSIONS_FOLDER = ".versions"


@contextmanager
def create_version(folder: Path, day: date) -> Iterator[Path]:
    """Yield a new folder to fill; when the block ends, link the day to it, and « latest » unless a later day exists.

    Readers see no change when the block fails or is cut short. Raises UserError when the disk refuses.
    """
    try:
        (folder / _VERSIONS_FOLDER).mkdir(parents=True, exist_ok=True)
        _remove_unlinked_versions(folder)
        version_folder = folder / _VERSIONS_FOLDER / f"{day}-{uuid4().hex[:8]}"
        version_folder.mkdir()
        yield version_folder
        sync_folder(version_folder)
        days = list_exported_days(folder)
        _update_link(folder, day.isoformat(), version_folder)
        if not days or day >= days[0]:
            _update_link(folder, LATEST_NAME, version_folder)
        _remove_expired_links(folder, day)
        _remove_unlinked_versions(folder)
    except OSError as error:
        raise UserError(f"{folder} : export impossible à écrire ({error.strerror})") from None


def select_retained_days(days: list[date], today: date) -> set[date]:
    """Return which exported days are kept: the last month's, and the first of each month."""
    first_of_month = {(day.year, day.month): day for day in sorted(days, reverse=True)}
    recent = {day for day in days if today - day < timedelta(days=DAILY_RETENTION_DAYS)}
    return recent | set(first_of_month.values())


def _update_link(folder: Path, name: str, version_folder: Path) -> None:
    """Link a name to a version in one step: a reader finds the old or the new one, never nothing."""
    draft = folder / _VERSIONS_FOLDER / f"{name}.link"
    draft.unlink(missing_ok=True)
    draft.symlink_to(version_folder.relative_to(folder), target_is_directory=True)
    draft.replace(folder / name)
    sync_folder(folder)


def _remove_expired_links(folder: Path, today: date) -> None:
    days = list_exported_days(folder)
    for day in set(days) - select_retained_days(days, max(today, days[0])):
        (folder / day.isoformat()).unlink()


def _remove_unlinked_versions(folder: Path) -> None:
    """Remove the versions that no name links to: replaced, expired, or cut short."""
    linked = {path.resolve() for path in folder.iterdir() if path.is_symlink()}
    for path in (folder / _VERSIONS_FOLDER).iterdir():
        if path.is_symlink():
            path.unlink()
        elif path.resolve() not in linked:
            shutil.rmtree(path)
