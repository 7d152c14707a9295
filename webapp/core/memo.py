"""Lists worked out once: kept in memory until the state they come from changes, or services are drawn in another order."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from flask import Blueprint, current_app
from sqlmodel import Session

from domain.offers.listings import state_mark
from domain.offers.neutral_order import period_start

pages = Blueprint("browse", __name__)
_LISTS = "ouvoir.lists"
_MOST = 24
T = TypeVar("T")


class Lists:
    """The lists last asked for, the oldest leaving first."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, tuple[Any, Any]] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str, mark: Any, make: Callable[[], T]) -> T:
        """The list of that name, made again when the mark is another; one is made at a time."""
        with self._lock:
            held = self._found.get(name)
            found: T = held[1] if held and held[0] == mark else make()
            self._found[name] = mark, found
            self._found.move_to_end(name)
            while len(self._found) > _MOST:
                self._found.popitem(last=False)
            return found


@pages.record_once
def _begin(state: Any) -> None:
    state.app.extensions[_LISTS] = Lists()


def kept(db: Session, name: str, at: datetime, make: Callable[[Session, datetime], T]) -> T:
    """What `make` answers for the database as it is, worked out once for a state and a period."""
    lists: Lists = current_app.extensions[_LISTS]
    return lists.take(name, (state_mark(db), period_start(at)), lambda: make(db, at))
