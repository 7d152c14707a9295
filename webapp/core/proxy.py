"""A proxy of ours in front of the site: how it was asked, and who asks, are what it says; nobody else is believed."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_PRIVATE_NETWORKS = [
    ipaddress.ip_network(told) for told in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
]
_SCHEMES = ("http", "https")


class ProxySchemeMiddleware:
    """Stands before everything: addresses printed start with « https » where a proxy of ours holds the certificate."""

    def __init__(self, application: WSGIApp) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told = _get_last_value(environ.get("HTTP_X_FORWARDED_PROTO", "")).lower()
        if told in _SCHEMES and is_private_address(environ.get("REMOTE_ADDR", "")):
            environ["wsgi.url_scheme"] = told
        return self._application(environ, start_response)


def resolve_client_address(peer: str, forwarded: str) -> str:
    """Who asks: what the peer says of it, last, when it is a proxy of ours."""
    last = _get_last_value(forwarded)
    return last if last and is_private_address(peer) else peer


def is_private_address(address: str) -> bool:
    """Whether an address is of this machine or of its private network."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(read.version == network.version and read in network for network in _PRIVATE_NETWORKS)


def _get_last_value(values: str) -> str:
    return values.rpartition(",")[2].strip()
