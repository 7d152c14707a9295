"""Keep one database's title index current: open it once, rebuild it in the background when the films change."""

import hashlib
import logging
import shutil
import threading
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.settings import get_settings
from domain.db.data_version import get_films_version
from domain.db.engine import read_session
from search.title_index import TitleIndex, build_index

_FORMAT_VERSION = "2"
"""Part of an index's name: change it whenever documents are built in another way."""
_WAIT_TIMEOUT = 3.0
"""Seconds that a search waits for the first index; the index of a small database is built by then."""
_LOG = logging.getLogger(__name__)


class IndexNotReadyError(Exception):
    """Raised while the first index of a database is still being built."""


class TitleIndexManager:
    """Give searches the index of one database's titles, stored under `var/search`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._home = get_settings().var / "search" / _compute_database_key(engine)
        self._lock = threading.Lock()
        self._index: TitleIndex | None = None
        self._rebuild: threading.Thread | None = None

    def get_index(self, session: Session) -> TitleIndex:
        """Return the index of the films as they are or, while that one is being built, the previous one.

        Raise IndexNotReadyError when there is no previous one.
        """
        self._rebuild_if_stale(_compute_version(session))
        if self._index is None:
            self.wait_until_ready(_WAIT_TIMEOUT)
        if self._index is None:
            raise IndexNotReadyError
        return self._index

    def prepare_index(self) -> None:
        """Start building the current index in the background, unless it is open already."""
        with read_session(self._engine) as session:
            self._rebuild_if_stale(_compute_version(session))

    def wait_until_ready(self, timeout: float | None = None) -> None:
        """Wait until no index is being built, or for `timeout` seconds."""
        rebuild = self._rebuild
        if rebuild is not None:
            rebuild.join(timeout)

    def _rebuild_if_stale(self, version: str) -> None:
        with self._lock:
            is_stale = self._index is None or self._index.folder.name != version
            if is_stale and self._rebuild is None:
                self._rebuild = threading.Thread(target=self._rebuild_index, daemon=True)
                self._rebuild.start()

    def _rebuild_index(self) -> None:
        try:
            with read_session(self._engine) as session:
                folder = self._home / _compute_version(session)
                if not folder.is_dir():
                    build_index(session, folder)
            self._index = TitleIndex(folder)
            self._delete_other_indexes(folder)
        except Exception:
            _LOG.exception("index des titres")
        finally:
            self._rebuild = None

    def _delete_other_indexes(self, current: Path) -> None:
        for folder in self._home.iterdir():
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)


def _compute_database_key(engine: Engine) -> str:
    url = engine.url
    address = url.render_as_string()
    if engine.dialect.name == "sqlite":
        address = str(Path(url.database or "").resolve())
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def _compute_version(session: Session) -> str:
    return hashlib.sha256(f"{_FORMAT_VERSION} {get_films_version(session)}".encode()).hexdigest()[:16]
