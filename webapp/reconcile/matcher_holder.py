"""Share one matcher between requests: films are loaded in a thread, again once they changed; batches are matched in turn."""

import logging
import threading
import time
from collections.abc import Sequence

from flask import Flask, current_app
from sqlalchemy import Engine

from domain.db.data_version import get_films_version
from domain.db.engine import read_session
from domain.linking.protocol import Reconciler, ReconcilerFactory, ReconciliationQuery, ReconciliationResult
from webapp.core.context import ENGINE_KEY, UnavailableError
from webapp.core.work_slots import WorkSlots

_EXTENSION_KEY = "ouvoir.reconciliation"
_WAIT_SECONDS = 2.0  # a few films are loaded by then, and the batch before is answered
_REFRESH_SECONDS = 600.0  # between two loads, while films change
_MAX_WAITING_BATCHES = 2  # beside the one at work; more would hold every thread of the server
_LOG = logging.getLogger(__name__)


class SharedMatcher:
    """Hold the matcher of an application. Nothing is loaded until the service is first used; safe from any thread."""

    def __init__(self, engine: Engine, make: ReconcilerFactory | None) -> None:
        self._engine = engine
        self._make = make
        self._load_lock = threading.Lock()
        self._slots = WorkSlots(1, _MAX_WAITING_BATCHES, timeout=_WAIT_SECONDS)
        self._reconciler: Reconciler | None = None
        self._version = ""
        self._loaded_at = 0.0
        self._loading: threading.Thread | None = None

    def start_loading(self) -> None:
        """Start loading films in a thread where that is due. Raise UnavailableError where the application has no matcher."""
        if self._make is None:
            raise UnavailableError("Le rapprochement n’est pas en service sur ce site.")
        with self._load_lock:
            if self._loading is None and self._is_load_due():
                self._loading = threading.Thread(target=self._load_films, args=(self._make,), daemon=True)
                self._loading.start()

    def match_rows(self, rows: Sequence[ReconciliationQuery], limit: int) -> Sequence[ReconciliationResult]:
        """Return the films that rows may be, among the films last loaded. Raise UnavailableError while there are none."""
        self.start_loading()
        with self._slots.reserve("D’autres listes sont en cours de rapprochement : réessayez dans quelques secondes."):
            reconciler = self._reconciler or self._wait_for_reconciler()
            return reconciler(rows, limit)

    def wait_until_loaded(self, timeout: float | None = None) -> None:
        """Return when no load is in progress, or after `timeout` seconds."""
        loading = self._loading
        if loading is not None:
            loading.join(timeout)

    def _wait_for_reconciler(self) -> Reconciler:
        self.wait_until_loaded(_WAIT_SECONDS)
        if self._reconciler is None:
            raise UnavailableError("Le service de rapprochement lit la base : réessayez dans quelques secondes.")
        return self._reconciler

    def _is_load_due(self) -> bool:
        if self._reconciler is None:
            return True
        if time.monotonic() - self._loaded_at < _REFRESH_SECONDS:
            return False
        with read_session(self._engine) as session:
            return get_films_version(session) != self._version

    def _load_films(self, make: ReconcilerFactory) -> None:
        try:
            with read_session(self._engine) as session:
                version = get_films_version(session)  # before the rest: what is written meanwhile is read next time
                self._reconciler = make(session)
                self._version = version
                self._loaded_at = time.monotonic()
        except Exception:
            _LOG.exception("rapprochement : la base n'a pas pu être lue")
        finally:
            self._loading = None


def get_matcher() -> SharedMatcher:
    """Return the application's matcher."""
    matcher: SharedMatcher = current_app.extensions[_EXTENSION_KEY]
    return matcher


def init_app(app: Flask, make: ReconcilerFactory | None) -> None:
    """Give the application its matcher, built by `make`; None where there is none."""
    app.extensions[_EXTENSION_KEY] = SharedMatcher(app.extensions[ENGINE_KEY], make)
