"""Slow down password guessing: each failure in a row makes the next attempt wait longer, up to a minute; nobody is locked out."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import TypeVar

from flask import Flask, current_app, request

RATE_LIMIT_KEY = "ouvoir.sign_in_rate_limiter"
_FORGET_AFTER = timedelta(hours=1)
_MAX_WAIT_SECONDS = 60.0
_MAX_ENTRIES = 10_000
# Attempts without waiting: for a login from an address, for a login from anywhere, for an address.
_FREE_FOR_PAIR = 5
_FREE_FOR_LOGIN = 20
_FREE_FOR_ADDRESS = 50

_Key = tuple[str, str]
_Value = TypeVar("_Value")


@dataclass(slots=True)
class _Attempts:
    """Count the attempts without success, and keep when the last was."""

    count: int
    last_at: datetime

    def get_wait(self, free_attempts: int, now: datetime) -> float:
        """Return the seconds to wait before the next attempt: none at first, then two, four… up to a minute after the last."""
        excess = self.count - free_attempts
        if excess < 0:
            return 0.0
        pause = min(2.0 ** min(excess + 1, 10), _MAX_WAIT_SECONDS)
        return max(0.0, pause - (now - self.last_at).total_seconds())


class SignInRateLimiter:
    """Count the attempts of one process, by login and address, by login and by address; the oldest are forgotten first.

    A login that somebody tries from everywhere stays open where its agent signed in before: only attempts from that
    address count there.
    """

    def __init__(self) -> None:
        self._attempts: OrderedDict[_Key, _Attempts] = OrderedDict()
        self._trusted_pairs: OrderedDict[_Key, None] = OrderedDict()
        self._lock = Lock()

    def register_attempt(self, login: str, address: str, now: datetime) -> int:
        """Count an attempt and return 0, or return the whole seconds to wait before it may be made."""
        pair = (login, address)
        limits = {pair: _FREE_FOR_PAIR}
        with self._lock:
            if pair not in self._trusted_pairs:
                limits |= {(login, ""): _FREE_FOR_LOGIN, ("", address): _FREE_FOR_ADDRESS}
            attempts_by_key = {key: self._get_attempts(key, now) for key in limits}
            wait = max(attempts_by_key[key].get_wait(free, now) for key, free in limits.items())
            if wait > 0:
                return ceil(wait)
            for key, attempts in attempts_by_key.items():
                attempts.count += 1
                attempts.last_at = now
                _store_recent(self._attempts, key, attempts)
        return 0

    def clear_attempts(self, login: str, address: str) -> None:
        """Forget the attempts of an agent who signed in, and trust the address for that login."""
        with self._lock:
            for key in ((login, address), (login, ""), ("", address)):
                self._attempts.pop(key, None)
            _store_recent(self._trusted_pairs, (login, address), None)

    def _get_attempts(self, key: _Key, now: datetime) -> _Attempts:
        attempts = self._attempts.get(key)
        if attempts is None or now - attempts.last_at >= _FORGET_AFTER:
            return _Attempts(0, now)
        return attempts


def _store_recent(entries: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    entries[key] = value
    entries.move_to_end(key)
    if len(entries) > _MAX_ENTRIES:
        entries.popitem(last=False)


def init_app(app: Flask) -> None:
    """Give the site its limiter: failures are counted by process."""
    app.extensions[RATE_LIMIT_KEY] = SignInRateLimiter()


def get_rate_limiter() -> SignInRateLimiter:
    """Return the limiter of this site."""
    limiter = current_app.extensions[RATE_LIMIT_KEY]
    assert isinstance(limiter, SignInRateLimiter)
    return limiter


def get_client_address() -> str:
    """Return the visitor's own address, even behind a proxy of ours."""
    return request.remote_addr or ""
