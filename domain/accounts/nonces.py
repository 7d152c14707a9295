"""Let each form token be used once, across all processes of the site: a used token leaves an empty file while it is valid."""

from datetime import date, timedelta
from shutil import rmtree

from domain.common.errors import UserError
from domain.common.settings import get_settings


def use_token_once(token: str, issued_on: date, today: date) -> bool:
    """Mark a token as used. Tells whether it had not been used before; its characters must be those of a file name.

    Tokens issued before yesterday are not valid any more, and forgotten. Raises UserError when the mark cannot be written.
    """
    folder = get_settings().var / "marks"
    try:
        (folder / issued_on.isoformat()).mkdir(parents=True, exist_ok=True)
        for day_folder in folder.iterdir():
            if day_folder.name < (today - timedelta(days=1)).isoformat():
                rmtree(day_folder, ignore_errors=True)
        (folder / issued_on.isoformat() / token).touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError as error:
        raise UserError(f"{folder} : marques des formulaires impossibles à écrire ({error.strerror})") from None
    return True
