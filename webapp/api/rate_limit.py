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

from webapp.core.proxy import client_address

QUOTA, WINDOW = 300, 60
"""Units that an address has for so many seconds; a request is one unit, a batch is `BATCH`."""
BATCH = 10
_RATE = "ouvoir.rate"
_NETWORK_BITS = 64  # of an IPv6 address: what one subscriber is given


@dataclass(frozen=True)
class Standing:
    """What is left to an address (under zero: it asked too much), and in how many seconds it has its whole quota again."""

    left: int
    reset: int


class Rate:
    """Counts what each address asks over windows of a minute."""

    def __init__(self, quota: int = QUOTA) -> None:
        self.quota = quota
        self._lock = threading.Lock()
        self._forget()

    def _forget(self, window: int = 0) -> None:
        self._window, self._key = window, secrets.token_bytes(16)
        self._spent: dict[bytes, int] = {}

    def spend(self, address: str, units: int) -> Standing:
        """Counts a request of an address, and tells how it stands."""
        now = int(time())
        window, reset = now // WINDOW, WINDOW - now % WINDOW
        with self._lock:
            if window != self._window:
                self._forget(window)
                end = threading.Timer(reset, self._end, (window,))
                end.daemon = True
                end.start()
            who = hashlib.blake2b(_network(address).encode(), key=self._key, digest_size=16).digest()
            spent = self._spent[who] = self._spent.get(who, 0) + units
        return Standing(self.quota - spent, reset)

    def _end(self, window: int) -> None:
        with self._lock:
            if window == self._window:
                self._forget()


def _network(address: str) -> str:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((read, _NETWORK_BITS), strict=False)) if read.version == 6 else str(read)


def _count() -> None:
    if request.method == "OPTIONS":
        return
    rate: Rate = current_app.extensions[_RATE]
    who = client_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))
    g.standing = rate.spend(who, BATCH if request.method == "POST" else 1)
    if g.standing.left < 0:
        raise TooManyRequests


def _tell(response: Response) -> Response:
    """As draft-ietf-httpapi-ratelimit-headers-10 has it."""
    standing: Standing | None = g.get("standing")
    if standing:
        rate: Rate = current_app.extensions[_RATE]
        response.headers["RateLimit-Policy"] = f'"adresse";q={rate.quota};w={WINDOW}'
        response.headers["RateLimit"] = f'"adresse";r={max(0, standing.left)};t={standing.reset}'
        if standing.left < 0:
            response.headers["Retry-After"] = str(standing.reset)
    return response


def limit(pages: Blueprint) -> None:
    """Puts the limit before every address of a blueprint."""
    pages.record_once(lambda state: set_quota(state.app, QUOTA))
    pages.before_request(_count)
    pages.after_request(_tell)


def set_quota(app: App, quota: int) -> None:
    """Gives every address another quota."""
    app.extensions[_RATE] = Rate(quota)
