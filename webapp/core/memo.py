"""Keep computed lists in memory until the data they come from changes or services are drawn in another order."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from flask import Flask, current_app
from sqlmodel import Session

from domain.offers.listings import get_state_version
from domain.offers.neutral_order import get_period_start

_CACHE_KEY = "ouvoir.lists"
_MAX_LISTS = 24
T = TypeVar("T")


class ListCache:
    """Hold the lists last asked for, each with the version of the data it was built from."""

    def __init__(self) -> None:
        self._lists: LRUCache[str, tuple[Any, Any]] = LRUCache(_MAX_LISTS)
        self._lock = Lock()

    def get_or_build(self, name: str, version: Any, build: Callable[[], T]) -> T:
        """Return the list of that name, built again when the version is another; one list is built at a time."""
        with self._lock:
            cached = self._lists.get(name)
            if cached is not None and cached[0] == version:
                cached_list: T = cached[1]
                return cached_list
            built_list = build()
            self._lists[name] = version, built_list
            return built_list


def init_app(app: Flask) -> None:
    """Give the application its cache of lists."""
    app.extensions[_CACHE_KEY] = ListCache()


def get_cached(db: Session, name: str, at: datetime, build: Callable[[Session, datetime], T]) -> T:
    """Return what `build` makes of the database as it is, computed once for a state of the data and a draw of services."""
    cache: ListCache = current_app.extensions[_CACHE_KEY]
    return cache.get_or_build(name, (get_state_version(db), get_period_start(at)), lambda: build(db, at))
