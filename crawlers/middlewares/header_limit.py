"""Limit the headers of an answer: Twisted does not, and endless ones would fill the memory before any deadline."""

# mypy: allow-untyped-calls
# (Twisted's own classes are not typed.)

from scrapy.core.downloader.handlers import http11
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, ParseError

MAX_HEADERS_SIZE = 512 * 1024


class BoundedHeadersProtocol(http11._LenientHTTP11ClientProtocol):
    """Leave a server whose status line and headers never end."""

    _counted_parser: object = None
    _received = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Count what comes before the body of each answer."""
        if self._parser is not self._counted_parser:
            self._counted_parser = self._parser
            self._received = 0
        if self._parser is not None and self._parser.state != BODY:
            self._received += len(data)
        if self._received > MAX_HEADERS_SIZE:
            self._giveUp(Failure(ParseError("headers too long", b"")))
        else:
            super().dataReceived(data)


class BoundedHeadersFactory(http11._LenientHTTP11ClientFactory):
    """Build the protocol of each connection."""

    def buildProtocol(self, addr: object) -> BoundedHeadersProtocol:  # noqa: N802 (Twisted's name)
        """Return the protocol of one connection."""
        return BoundedHeadersProtocol(self._quiescentCallback)


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Download over http and https as Scrapy does, with the limit."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedHeadersFactory
