"""Let a token serve once: each leaves an empty file, which every process of the site sees, for as long as it is valid."""

from datetime import date, timedelta
from pathlib import Path
from shutil import rmtree

from domain.common.errors import UserError
from domain.common.settings import get_settings

_VALIDITY = timedelta(days=1)


def use_token_once(token: str, issued_on: date, today: date) -> bool:
    """Record that a token was used, and tell whether this is the first time. The token must be a valid file name.

    Tokens issued before yesterday are no longer valid, and their files are deleted. Raises UserError when nothing can be written.
    """
    folder = get_settings().var / "marks"
    path = folder / issued_on.isoformat() / token
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _delete_expired_days(folder, today - _VALIDITY)
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError as error:
        raise UserError(f"{folder} : marques des formulaires impossibles à écrire ({error.strerror})") from None
    return True


def _delete_expired_days(folder: Path, oldest_valid_day: date) -> None:
    for day in folder.iterdir():
        if day.name < oldest_valid_day.isoformat():
            rmtree(day, ignore_errors=True)
