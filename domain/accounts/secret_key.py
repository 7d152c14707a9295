"""Read the key that signs forms, cursors and sign-ins: a small file shared by all processes of the site."""

import os
import secrets
import tempfile
from pathlib import Path

from domain.common.errors import UserError
from domain.common.settings import get_settings

_KEY_BYTES = 32


def get_signing_key() -> bytes:
    """Return the 32 random bytes of the key, created once under OUVOIR_VAR and readable by its owner only.

    Raises UserError when the file cannot be read or created.
    """
    path = get_settings().var / "signing.key"
    try:
        if not path.exists():
            _create_key_file(path)
        key = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} : clé des formulaires impossible à lire ou à écrire ({error.strerror})") from None
    if len(key) != _KEY_BYTES:
        raise UserError(f"{path} : clé des formulaires abîmée ; effacez ce fichier, une autre sera tirée")
    return key


def _create_key_file(path: Path) -> None:
    """Create the file whole or not at all; when two processes do, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="signing-")  # 0600, as mkstemp does
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        temporary.unlink()
