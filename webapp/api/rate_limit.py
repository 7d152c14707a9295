"""Limit how much one network address may ask of the API; cached answers cost nothing, and are not counted.

Addresses are never stored: only a digest of each is held, under a key drawn for the minute, and both go when it ends.
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

QUOTA = 300
"""Units that an address has for a window; a request costs one unit, a batch `BATCH_COST`."""
WINDOW_SECONDS = 60
BATCH_COST = 10
_EXTENSION_KEY = "ouvoir.rate"
_IPV6_PREFIX_LENGTH = 64  # of an IPv6 address: what one subscriber is given


@dataclass(frozen=True)
class RateLimitStatus:
    """Represent what is left to an address, under zero when it asked too much, and the seconds until its quota is whole again."""

    remaining: int
    reset_seconds: int


class RateLimiter:
    """Count what each address asks, in windows of a minute."""

    def __init__(self, quota: int = QUOTA) -> None:
        self.quota = quota
        self._lock = threading.Lock()
        self._reset_counts()

    def _reset_counts(self, window: int = 0) -> None:
        self._window = window
        self._key = secrets.token_bytes(16)
        self._spent: dict[bytes, int] = {}

    def consume_units(self, address: str, units: int) -> RateLimitStatus:
        """Count a request of an address, and return what is left to it."""
        now = int(time())
        window = now // WINDOW_SECONDS
        reset_seconds = WINDOW_SECONDS - now % WINDOW_SECONDS
        with self._lock:
            if window != self._window:
                self._reset_counts(window)
                end = threading.Timer(reset_seconds, self._end_window, (window,))
                end.daemon = True
                end.start()
            digest = hashlib.blake2b(_get_network(address).encode(), key=self._key, digest_size=16).digest()
            spent = self._spent.get(digest, 0) + units
            self._spent[digest] = spent
        return RateLimitStatus(self.quota - spent, reset_seconds)

    def _end_window(self, window: int) -> None:
        with self._lock:
            if window == self._window:
                self._reset_counts()


def _get_network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX_LENGTH), strict=False))
    return str(parsed)


def _enforce_rate_limit() -> None:
    if request.method == "OPTIONS":
        return
    limiter: RateLimiter = current_app.extensions[_EXTENSION_KEY]
    cost = BATCH_COST if request.method == "POST" else 1
    g.rate_limit_status = limiter.consume_units(request.remote_addr or "", cost)
    if g.rate_limit_status.remaining < 0:
        raise TooManyRequests


def _add_rate_limit_headers(response: Response) -> Response:
    """Add the headers of draft-ietf-httpapi-ratelimit-headers-10."""
    status: RateLimitStatus | None = g.get("rate_limit_status")
    if status:
        limiter: RateLimiter = current_app.extensions[_EXTENSION_KEY]
        response.headers["RateLimit-Policy"] = f'"adresse";q={limiter.quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"adresse";r={max(0, status.remaining)};t={status.reset_seconds}'
        if status.remaining < 0:
            response.headers["Retry-After"] = str(status.reset_seconds)
    return response


def apply_rate_limit(bp: Blueprint) -> None:
    """Put the limit before every address of a blueprint."""
    bp.record_once(lambda state: set_quota(state.app, QUOTA))
    bp.before_request(_enforce_rate_limit)
    bp.after_request(_add_rate_limit_headers)


def set_quota(app: App, quota: int) -> None:
    """Give every network address another quota."""
    app.extensions[_EXTENSION_KEY] = RateLimiter(quota)
