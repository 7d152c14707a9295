"""Read catalogues delivered as files, from the drop folder and from nowhere else."""

import os
import stat
from pathlib import Path

from crawlers.identity import FILE_PREFIX
from domain.common.errors import UserError


def read_dropped_file(address: str, folder: Path, limit: int) -> bytes:
    """Return the bytes of `file:folder/name`, `limit` at most.

    Raises UserError naming the file when it is missing, too big, out of the drop folder, or no ordinary file.
    """
    name = address.removeprefix(FILE_PREFIX)
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()):
            raise UserError(f"{name} : fichier hors du dossier de dépôt, refusé")
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe would wait for ever
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UserError(f"{name} : un fichier ordinaire est attendu dans le dossier de dépôt")
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise UserError(f"{name} : fichier introuvable dans le dossier de dépôt ({folder})") from None
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "lien en boucle"
        raise UserError(f"{name} : fichier illisible dans le dossier de dépôt ({reason})") from None
    if len(data) > limit:
        raise UserError(f"{name} : fichier de plus de {limit // 2**20} Mio, refusé")
    return data
