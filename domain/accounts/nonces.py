"""Marks that serve once: each leaves an empty file for as long as it is good, which every process of the site sees."""

from datetime import date, timedelta
from shutil import rmtree

from domain.common.errors import UserError
from domain.common.settings import get_settings


def use_token_once(token: str, issued_on: date, today: date) -> bool:
    """Whether a mark, of the letters that a file's name may have, had not served yet; it has now.

    Marks given before yesterday are good no more, and forgotten. Raises Problem when that cannot be written down.
    """
    home = get_settings().var / "marks"
    try:
        (home / issued_on.isoformat()).mkdir(parents=True, exist_ok=True)
        for day in home.iterdir():
            if day.name < (today - timedelta(days=1)).isoformat():
                rmtree(day, ignore_errors=True)
        (home / issued_on.isoformat() / token).touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError as error:
        raise UserError(f"{home} : marques des formulaires impossibles à écrire ({error.strerror})") from None
    return True
