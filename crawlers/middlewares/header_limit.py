"""A limit on the headers of an answer: Twisted has none, and endless ones would fill the memory before any deadline."""

# mypy: allow-untyped-calls
# (Twisted's own classes are not typed.)

from scrapy.core.downloader.handlers import http11
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, ParseError

MAX_HEADERS_SIZE = 512 * 1024


class BoundedHeadersProtocol(http11._LenientHTTP11ClientProtocol):
    """Leaves a server whose status line and headers never end."""

    _counted: object = None
    _received = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Counts what comes before the body of each answer."""
        if self._parser is not self._counted:
            self._counted, self._received = self._parser, 0
        if self._parser is not None and self._parser.state != BODY:
            self._received += len(data)
        if self._received > MAX_HEADERS_SIZE:
            self._giveUp(Failure(ParseError("headers too long", b"")))
        else:
            super().dataReceived(data)


class BoundedHeadersFactory(http11._LenientHTTP11ClientFactory):
    """Makes the protocol of each connection."""

    def buildProtocol(self, addr: object) -> BoundedHeadersProtocol:  # noqa: N802 (Twisted's name)
        """A connection of a run."""
        return BoundedHeadersProtocol(self._quiescentCallback)


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own reader of http and https, with the limit."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedHeadersFactory
