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
from domain.db.data_version import base_mark
from domain.db.engine import reading
from search.title_index import TitleIndex, build_index
from webapp.core.context import ENGINE, Unavailable
from webapp.core.i18n import gettext

_TITLES = "ouvoir.titles"
_FORM = "1"  # another number when documents are made in another way
_PATIENCE = 3.0  # seconds: the index of a small base is made by then
_LOG = logging.getLogger(__name__)


class Titles:
    """The index of one database's titles, in `var/search`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        url = engine.url
        place = str(Path(url.database or "").resolve()) if engine.dialect.name == "sqlite" else url.render_as_string()
        self._home = settings.VAR / "search" / hashlib.sha256(place.encode()).hexdigest()[:12]
        self._lock = threading.Lock()
        self._index: TitleIndex | None = None
        self._making: threading.Thread | None = None

    def index(self, session: Session) -> TitleIndex:
        """The index of the base as it is; while a new one is being made, the one before. Raises Unavailable before the first."""
        self._renew_if_due(_stamp(session))
        if self._index is None:
            self.wait(_PATIENCE)
        if self._index is None:
            raise Unavailable(gettext("La recherche se prépare : réessayez dans quelques instants."))
        return self._index

    def prepare(self) -> None:
        """Makes the index that the base asks for, beside."""
        with reading(self._engine) as session:
            self._renew_if_due(_stamp(session))

    def wait(self, timeout: float | None = None) -> None:
        """Returns when no index is being made, or after so many seconds."""
        if making := self._making:
            making.join(timeout)

    def _renew_if_due(self, stamp: str) -> None:
        with self._lock:
            if (self._index is None or self._index.folder.name != stamp) and self._making is None:
                self._making = threading.Thread(target=self._renew, daemon=True)
                self._making.start()

    def _renew(self) -> None:
        try:
            with reading(self._engine) as session:
                folder = self._home / _stamp(session)
                if not folder.is_dir():
                    build_index(session, folder)
            self._index = TitleIndex(folder)
            self._forget_others(folder)
        except Exception:
            _LOG.exception("index des titres")
        finally:
            self._making = None

    def _forget_others(self, kept: Path) -> None:
        for folder in self._home.iterdir():
            if folder != kept:
                shutil.rmtree(folder, ignore_errors=True)


def _stamp(session: Session) -> str:
    return hashlib.sha256(f"{_FORM} {base_mark(session)}".encode()).hexdigest()[:16]


def titles() -> Titles:
    """The application's titles."""
    found: Titles = current_app.extensions[_TITLES]
    return found


def register(app: Flask) -> None:
    """Gives the application its titles; nothing is read until someone searches."""
    app.extensions[_TITLES] = Titles(app.extensions[ENGINE])
