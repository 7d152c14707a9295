"""The key that signs what a form carries: one small file that every process of the site reads, and that a restart keeps."""

import os
import secrets
import tempfile
from functools import cache
from pathlib import Path

from domain.common.errors import UserError
from domain.common.settings import get_settings

_KEY_BYTES = 32


def get_signing_key() -> bytes:
    """Thirty-two random bytes, drawn once, kept under OUVOIR_VAR for its owner only. Raises Problem when they cannot be."""
    return _read_key(get_settings().var / "signing.key")


@cache
def _read_key(path: Path) -> bytes:
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
    """The file appears whole or not at all, and the first of two processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="signing-")  # 0600, as mkstemp does
    drawn = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        path.hardlink_to(drawn)
    except FileExistsError:
        return
    finally:
        drawn.unlink()
