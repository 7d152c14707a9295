"""Store the key that signs forms and cookies: one small file that every process of the site reads, and that a restart keeps."""

import os
import secrets
import tempfile
from pathlib import Path

from domain.common.errors import UserError
from domain.common.settings import get_settings

_KEY_BYTES = 32


def get_signing_key() -> bytes:
    """Return thirty-two random bytes, drawn at the first call and stored under OUVOIR_VAR, readable by their owner only.

    Raises UserError when the file cannot be read or written, or is damaged.
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
    """Write a new key; the file appears whole or not at all, and the first of two processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary_name = tempfile.mkstemp(dir=path.parent, prefix="signing-")  # 0600, as mkstemp does
    temporary_path = Path(temporary_name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        path.hardlink_to(temporary_path)
    except FileExistsError:
        return
    finally:
        temporary_path.unlink()
