"""Keep a crawler on its platform's own hosts, away from local and private addresses (rehearsals apart)."""

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawlers.addresses import is_loopback, is_reachable


class RequestRefusedError(IgnoreRequest):
    """Report a request that must not be made; its text says why, in French."""


class AllowedHostsMiddleware:
    """Refuse any request, redirects included, that leaves the platform's hosts or is not encrypted."""

    def __init__(self, hosts: list[str]) -> None:
        self._hosts = frozenset(hosts)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware from the hosts of the setting FETCH_HOSTS."""
        return cls(crawler.settings.getlist("FETCH_HOSTS"))

    def process_request(self, request: Request) -> None:
        """Let an allowed request pass. Raises RequestRefusedError for any other."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if host not in self._hosts:
            raise RequestRefusedError(f"adresse hors des sites de la plateforme refusée : {request.url}")
        if not is_reachable(host):
            raise RequestRefusedError(f"adresse locale refusée : {request.url}")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise RequestRefusedError(f"adresse non chiffrée refusée : {request.url}")


class PublicResolver(CachingThreadedResolver):
    """Resolve names to public addresses only: the check is made on the very address connected to."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":  # noqa: N802 (Twisted's name)
        """Resolve a name. The result fails with DNSLookupError for a local or private address."""
        return super().getHostByName(name, timeout).addCallback(_require_public_address)


def _require_public_address(address: str) -> str:
    if not is_reachable(address):
        raise DNSLookupError(f"local address refused: {address}")
    return address
