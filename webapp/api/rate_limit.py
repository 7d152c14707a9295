"""How much one network address may ask of the API; answers kept in memory cost nothing, and are not counted.

Addresses are never written: what is held is a digest of each under a key drawn for the minute, and both go when it ends.
"""

import hashlib
import ipaddress
import secrets
import threading
from dataclasses import dataclass
from time import time

from flask import Blueprint, Response, current_app, g, request
from flask.sansio.app import App
from werkzeug.exceptions import TooManyRequests

QUOTA, WINDOW_SECONDS = 300, 60
"""Units that an address has for so many seconds; a request is one unit, a batch is `BATCH`."""
BATCH_COST = 10
_EXTENSION_KEY = "ouvoir.rate"
_IPV6_PREFIX_LENGTH = 64  # of an IPv6 address: what one subscriber is given


@dataclass(frozen=True)
class RateLimitStatus:
    """What is left to an address (under zero: it asked too much), and in how many seconds it has its whole quota again."""

    remaining: int
    reset_seconds: int


class RateLimiter:
    """Counts what each address asks over windows of a minute."""

    def __init__(self, quota: int = QUOTA) -> None:
        self.quota = quota
        self._lock = threading.Lock()
        self._reset_counts()

    def _reset_counts(self, window: int = 0) -> None:
        self._window, self._key = window, secrets.token_bytes(16)
        self._spent: dict[bytes, int] = {}

    def consume_units(self, address: str, units: int) -> RateLimitStatus:
        """Counts a request of an address, and tells how it stands."""
        now = int(time())
        window, reset = now // WINDOW_SECONDS, WINDOW_SECONDS - now % WINDOW_SECONDS
        with self._lock:
            if window != self._window:
                self._reset_counts(window)
                end = threading.Timer(reset, self._end_window, (window,))
                end.daemon = True
                end.start()
            who = hashlib.blake2b(_get_network(address).encode(), key=self._key, digest_size=16).digest()
            spent = self._spent[who] = self._spent.get(who, 0) + units
        return RateLimitStatus(self.quota - spent, reset)

    def _end_window(self, window: int) -> None:
        with self._lock:
            if window == self._window:
                self._reset_counts()


def _get_network(address: str) -> str:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((read, _IPV6_PREFIX_LENGTH), strict=False)) if read.version == 6 else str(read)


def _enforce_rate_limit() -> None:
    if request.method == "OPTIONS":
        return
    rate: RateLimiter = current_app.extensions[_EXTENSION_KEY]
    who = request.remote_addr or ""
    g.standing = rate.consume_units(who, BATCH_COST if request.method == "POST" else 1)
    if g.standing.remaining < 0:
        raise TooManyRequests


def _add_rate_limit_headers(response: Response) -> Response:
    """As draft-ietf-httpapi-ratelimit-headers-10 has it."""
    standing: RateLimitStatus | None = g.get("standing")
    if standing:
        rate: RateLimiter = current_app.extensions[_EXTENSION_KEY]
        response.headers["RateLimit-Policy"] = f'"adresse";q={rate.quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"adresse";r={max(0, standing.remaining)};t={standing.reset_seconds}'
        if standing.remaining < 0:
            response.headers["Retry-After"] = str(standing.reset_seconds)
    return response


def apply_rate_limit(bp: Blueprint) -> None:
    """Puts the limit before every address of a blueprint."""
    bp.record_once(lambda state: set_quota(state.app, QUOTA))
    bp.before_request(_enforce_rate_limit)
    bp.after_request(_add_rate_limit_headers)


def set_quota(app: App, quota: int) -> None:
    """Gives every address another quota."""
    app.extensions[_EXTENSION_KEY] = RateLimiter(quota)
