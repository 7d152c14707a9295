"""Where a crawler may connect: only to its platform's own hosts, never to a local or private address (rehearsals apart)."""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from domain.common.settings import get_settings

_IPV4_EMBEDDING_NETWORKS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out; Python 3.11 calls global some that are not
_SIXTOFOUR_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")


class RequestRefusedError(IgnoreRequest):
    """A request that must not be made; its text says why, in French."""


def is_loopback(host: str) -> bool:
    """Whether a host, written as an address, is this very machine."""
    address = _parse_address(host)
    return address is not None and address.is_loopback


def is_reachable(host: str) -> bool:
    """Whether an address may be connected to. A name passes: it is judged once resolved."""
    address = _parse_address(host)
    if address is None:
        return True
    if address.is_loopback:
        return get_settings().allow_loopback
    given_out = address not in _SIXTOFOUR_RELAYS if isinstance(address, ipaddress.IPv4Address) else address in _GLOBAL_UNICAST
    return given_out and address.is_global and not address.is_multicast


def _parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host writes, in any of the forms that a resolver would understand: « 0x7f.1 », « 2130706433 »."""
    bare = host.rstrip(".").strip("[]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(bare)) if bare.isascii() else None
        except (OSError, ValueError):
            return None
    return _extract_ipv4(address) or address


def _extract_ipv4(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one carries: mapped, 6to4, or translated (RFC 4291, 3056, 6052)."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback:
        return None
    if any(address in network for network in _IPV4_EMBEDDING_NETWORKS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class AllowedHostsMiddleware:
    """Refuses any request, redirects included, that leaves the platform's hosts or is not encrypted."""

    def __init__(self, hosts: list[str]) -> None:
        self._hosts = frozenset(hosts)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getlist("FETCH_HOSTS"))

    def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if host not in self._hosts:
            raise RequestRefusedError(f"adresse hors des sites de la plateforme refusée : {request.url}")
        if not is_reachable(host):
            raise RequestRefusedError(f"adresse locale refusée : {request.url}")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise RequestRefusedError(f"adresse non chiffrée refusée : {request.url}")


class PublicResolver(CachingThreadedResolver):
    """Names that resolve to a local or private address do not exist for a crawler: checked on the address connected to."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":  # noqa: N802 (Twisted's name)
        return super().getHostByName(name, timeout).addCallback(_require_public_address)


def _require_public_address(address: str) -> str:
    if not is_reachable(address):
        raise DNSLookupError(f"local address refused: {address}")
    return address
