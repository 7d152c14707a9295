"""One at a time: a lock held across processes, per database and per name."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select

from domain.common.errors import UserError
from domain.common.settings import VAR
from domain.db.engine import translate_storage_errors


class LockBusyError(UserError):
    """Another process holds the lock."""


def _hash_lock_name(engine: Engine, name: str) -> bytes:
    """PostgreSQL's locks are those of one database already; a SQLite file is known by its place, however written."""
    place = Path(engine.url.database or "").resolve() if engine.dialect.name == "sqlite" else ""
    return hashlib.sha256(f"{place}\n{name}".encode()).digest()


@contextmanager
def hold_lock(engine: Engine, name: str, busy_message: str) -> Iterator[None]:
    """Holds the lock for as long as the block lasts; the system frees it if the process dies.

    Raises Busy(busy) at once when another process holds it.
    """
    held = _hold_postgresql if engine.dialect.name == "postgresql" else _hold_file
    with held(engine, name, busy_message):
        yield


@contextmanager
def _hold_file(engine: Engine, name: str, busy_message: str) -> Iterator[None]:
    path = VAR / "locks" / f"{name}-{_hash_lock_name(engine, name).hex()[:12]}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("w")
    except OSError as error:
        raise UserError(f"{path} : impossible à écrire ({error.strerror})") from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockBusyError(busy_message) from None
        yield


@contextmanager
def _hold_postgresql(engine: Engine, name: str, busy_message: str) -> Iterator[None]:
    number = int.from_bytes(_hash_lock_name(engine, name)[:8], "big", signed=True)
    with translate_storage_errors(engine), engine.connect() as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(number))):
            raise LockBusyError(busy_message)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(number)))
