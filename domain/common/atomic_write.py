"""Write files so that a reader finds the old content or the new one, never a part of either."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file beside its destination, then rename it in one step.

    Raises OSError; the destination is then unchanged and nothing is left beside it.
    """
    write_chunks_atomically(path, [data])


def write_chunks_atomically(path: Path, chunks: Iterable[bytes | memoryview], durable: bool = True) -> None:
    """Write a file in several parts, as `write_atomically` does; what is not `durable` may be lost in a power cut."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with draft.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Flush the names of a folder to the disk: without it, a rename may be lost in a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
