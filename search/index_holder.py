"""The index that answers now: opened once, made again beside when the base has changed, and never waited for twice."""

import hashlib
import logging
import shutil
import threading
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlmodel import Session

from domain.common import settings
from domain.db.data_version import get_films_version
from domain.db.engine import read_session
from search.title_index import TitleIndex, build_index
from webapp.core.context import ENGINE_KEY, UnavailableError
from webapp.core.i18n import gettext

_INDEX_KEY = "ouvoir.titles"
_FORMAT_VERSION = "1"  # another number when documents are made in another way
_WAIT_TIMEOUT = 3.0  # seconds: the index of a small base is made by then
_LOG = logging.getLogger(__name__)


class TitleIndexManager:
    """The index of one database's titles, in `var/search`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        url = engine.url
        place = str(Path(url.database or "").resolve()) if engine.dialect.name == "sqlite" else url.render_as_string()
        self._home = settings.VAR / "search" / hashlib.sha256(place.encode()).hexdigest()[:12]
        self._lock = threading.Lock()
        self._index: TitleIndex | None = None
        self._making: threading.Thread | None = None

    def get_index(self, session: Session) -> TitleIndex:
        """The index of the base as it is; while a new one is being made, the one before. Raises Unavailable before the first."""
        self._rebuild_if_stale(_compute_version(session))
        if self._index is None:
            self.wait_until_ready(_WAIT_TIMEOUT)
        if self._index is None:
            raise UnavailableError(gettext("La recherche se prépare : réessayez dans quelques instants."))
        return self._index

    def prepare_index(self) -> None:
        """Makes the index that the base asks for, beside."""
        with read_session(self._engine) as session:
            self._rebuild_if_stale(_compute_version(session))

    def wait_until_ready(self, timeout: float | None = None) -> None:
        """Returns when no index is being made, or after so many seconds."""
        if making := self._making:
            making.join(timeout)

    def _rebuild_if_stale(self, version: str) -> None:
        with self._lock:
            if (self._index is None or self._index.folder.name != version) and self._making is None:
                self._making = threading.Thread(target=self._rebuild_index, daemon=True)
                self._making.start()

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
            self._making = None

    def _delete_other_indexes(self, current: Path) -> None:
        for folder in self._home.iterdir():
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)


def _compute_version(session: Session) -> str:
    return hashlib.sha256(f"{_FORMAT_VERSION} {get_films_version(session)}".encode()).hexdigest()[:16]


def get_index_manager() -> TitleIndexManager:
    """The application's titles."""
    found: TitleIndexManager = current_app.extensions[_INDEX_KEY]
    return found


def init_app(app: Flask) -> None:
    """Gives the application its titles; nothing is read until someone searches."""
    app.extensions[_INDEX_KEY] = TitleIndexManager(app.extensions[ENGINE_KEY])
