"""Hold locks across processes, one for each database and name."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select

from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.db.engine import translate_storage_errors

SCHEDULER_LOCK = "schedule"
"""Held by the one scheduler that works on a database."""
EXPORT_LOCK = "export"
"""Held while open data are exported."""
SOURCES_LOCK = "bases"
"""Held while films are imported or enriched."""


class LockBusyError(UserError):
    """Report that another process holds the lock."""


def get_crawl_lock(slug: str) -> str:
    """Return the name of the lock of a platform, held while it is collected, delivered, checked or decided of."""
    return f"crawl-{slug}"


def _hash_lock_name(engine: Engine, name: str) -> bytes:
    """Hash the name of a lock and its SQLite file, by its resolved path. PostgreSQL keeps the locks of each database apart."""
    database_path = Path(engine.url.database or "").resolve() if engine.dialect.name == "sqlite" else ""
    return hashlib.sha256(f"{database_path}\n{name}".encode()).digest()


@contextmanager
def hold_lock(engine: Engine, name: str, busy_message: str) -> Iterator[None]:
    """Hold the lock for as long as the block lasts; the system frees it if the process dies.

    Raises LockBusyError with `busy_message`, at once, when it is held already.
    """
    hold = _hold_postgresql if engine.dialect.name == "postgresql" else _hold_file
    with hold(engine, name, busy_message):
        yield


@contextmanager
def _hold_file(engine: Engine, name: str, busy_message: str) -> Iterator[None]:
    from filelock import FileLock, Timeout  # brings asyncio, which the verbs that take no lock should not wait for

    path = get_settings().var / "locks" / f"{name}-{_hash_lock_name(engine, name).hex()[:12]}.lock"
    # A marker file, the fallback where the file system has no flock, would outlive a process that is killed.
    lock = FileLock(path, blocking=False, fallback_to_soft=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise LockBusyError(busy_message) from None
    except OSError as error:
        raise UserError(f"{path} : impossible à écrire ({error.strerror})") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _hold_postgresql(engine: Engine, name: str, busy_message: str) -> Iterator[None]:
    key = int.from_bytes(_hash_lock_name(engine, name)[:8], "big", signed=True)
    with translate_storage_errors(engine), engine.connect() as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(key))):
            raise LockBusyError(busy_message)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))
