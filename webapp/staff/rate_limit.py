"""Guessing made slow: each failure in a row makes the next try wait longer, up to a minute; nobody is shut out for good."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import TypeVar

from flask import Flask, current_app, request

from webapp.core.proxy import resolve_client_address

RATE_LIMIT_KEY = "ouvoir.throttle"
_FORGET_AFTER = timedelta(hours=1)
_MAX_WAIT = 60
_MAX_ENTRIES = 10_000
_FREE_PAIR, _FREE_LOGIN, _FREE_ADDRESS = 5, 20, 50

_Key = tuple[str, str]
_Value = TypeVar("_Value")


@dataclass(slots=True)
class _Attempts:
    """Tries without success, and when the last was."""

    count: int
    last_at: datetime

    def get_wait(self, free: int, now: datetime) -> float:
        """Seconds before the next try: none for the first ones, then two, four… up to a minute after the last."""
        late = self.count - free
        pause = min(2.0 ** min(late + 1, 10), _MAX_WAIT) if late >= 0 else 0.0
        return max(0.0, pause - (now - self.last_at).total_seconds())


class SignInRateLimiter:
    """The tries of one process, by login and address, by login and by address; the oldest are forgotten first.

    A login that somebody tries from everywhere stays open where its agent signed in before: only tries from that
    address count there.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[_Key, _Attempts] = OrderedDict()
        self._known: OrderedDict[_Key, None] = OrderedDict()
        self._lock = Lock()

    def register_attempt(self, login: str, address: str, now: datetime) -> int:
        """Counts a try and gives 0, or gives the whole seconds to wait before it may be made."""
        pair = (login, address)
        with self._lock:
            limits = {pair: _FREE_PAIR}
            if pair not in self._known:
                limits |= {(login, ""): _FREE_LOGIN, ("", address): _FREE_ADDRESS}
            found = {key: self._get_attempts(key, now) for key in limits}
            wait = max(found[key].get_wait(free, now) for key, free in limits.items())
            if wait > 0:
                return ceil(wait)
            for key, tries in found.items():
                tries.count, tries.last_at = tries.count + 1, now
                _store_recent(self._tries, key, tries)
        return 0

    def clear_attempts(self, login: str, address: str) -> None:
        """Forgets the tries of an agent who signed in, and remembers the address."""
        with self._lock:
            for key in ((login, address), (login, ""), ("", address)):
                self._tries.pop(key, None)
            _store_recent(self._known, (login, address), None)

    def _get_attempts(self, key: _Key, now: datetime) -> _Attempts:
        tries = self._tries.get(key)
        return tries if tries is not None and now - tries.last_at < _FORGET_AFTER else _Attempts(0, now)


def _store_recent(entries: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    entries[key] = value
    entries.move_to_end(key)
    if len(entries) > _MAX_ENTRIES:
        entries.popitem(last=False)


def init_app(app: Flask) -> None:
    """Give the site its limiter: failures are counted by process."""
    app.extensions[RATE_LIMIT_KEY] = SignInRateLimiter()


def get_rate_limiter() -> SignInRateLimiter:
    """The tries of this site."""
    found = current_app.extensions[RATE_LIMIT_KEY]
    assert isinstance(found, SignInRateLimiter)
    return found


def get_client_address() -> str:
    """Whose tries these are: the visitor's own address, even behind a proxy of ours."""
    return resolve_client_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))
