"""Lists worked out once: kept in memory until the state they come from changes, or services are drawn in another order."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from flask import Blueprint, current_app
from sqlmodel import Session

from domain.offers.listings import get_state_version
from domain.offers.neutral_order import get_period_start

bp = Blueprint("browse", __name__)
_CACHE_KEY = "ouvoir.lists"
_MAX_LISTS = 24
T = TypeVar("T")


class ListCache:
    """The lists last asked for, the oldest leaving first."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, tuple[Any, Any]] = OrderedDict()
        self._lock = Lock()

    def get_or_build(self, name: str, version: Any, build: Callable[[], T]) -> T:
        """The list of that name, made again when the mark is another; one is made at a time."""
        with self._lock:
            held = self._found.get(name)
            found: T = held[1] if held and held[0] == version else build()
            self._found[name] = version, found
            self._found.move_to_end(name)
            while len(self._found) > _MAX_LISTS:
                self._found.popitem(last=False)
            return found


@bp.record_once
def _init_cache(state: Any) -> None:
    state.app.extensions[_CACHE_KEY] = ListCache()


def get_cached(db: Session, name: str, at: datetime, build: Callable[[Session, datetime], T]) -> T:
    """What `make` answers for the database as it is, worked out once for a state and a period."""
    lists: ListCache = current_app.extensions[_CACHE_KEY]
    return lists.get_or_build(name, (get_state_version(db), get_period_start(at)), lambda: build(db, at))
