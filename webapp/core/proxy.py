"""Believe what a proxy of ours says of a request (its client and its scheme), and what nobody else says."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_PRIVATE_NETWORKS = [
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
]
_SCHEMES = ("http", "https")


class TrustedProxyMiddleware:
    """Apply X-Forwarded-For and X-Forwarded-Proto to requests that come from this machine or its private network.

    The application then sees the client's address in REMOTE_ADDR, and prints addresses that start with « https » where the proxy
    holds the certificate. The last value of each header counts: the proxy wrote it, anybody may have written those before.
    """

    def __init__(self, application: WSGIApp) -> None:
        self._application = application
        self._forwarded_application = ProxyFix(application, x_for=1, x_proto=1)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not is_private_address(environ.get("REMOTE_ADDR", "")):
            return self._application(environ, start_response)
        # ProxyFix takes any scheme as it is written.
        scheme = environ.pop("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if scheme in _SCHEMES:
            environ["HTTP_X_FORWARDED_PROTO"] = scheme
        return self._forwarded_application(environ, start_response)


def is_private_address(address: str) -> bool:
    """Return whether an address is of this machine or of its private network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _PRIVATE_NETWORKS)
