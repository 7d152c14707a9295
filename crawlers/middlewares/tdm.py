"""Leave alone a site that reserves text and data mining (directive 2019/790, article 4).

Its tdmrep.json is read before anything else of a host, then the header and the `<meta>` of every answer, before its body is
used. Like robots.txt (RFC 9309), a tdmrep.json that the server cannot give (5xx, no answer) is taken as a refusal; one that it
does not have (4xx, sent elsewhere, kept out by robots.txt) reserves nothing.
"""

from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawlers.middlewares.overload_retry import ServerOverloadedError
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.tdm_reservations import (
    TDMREP_PATH,
    TOO_LARGE_MESSAGE,
    UNREACHABLE_MESSAGE,
    ReservedPath,
    get_header_reservation,
    get_meta_reservation,
    parse_tdmrep,
)

TDMREP_DOWNLOAD_LIMIT = 2**22  # a site that has none may give its page of error, however large


class TdmReservedError(RequestRefusedError):
    """Report a request that must not be made: its site reserves text and data mining."""


class TdmReservationMiddleware:
    """Read a host's tdmrep.json before anything else of it, then the header and the `<meta>` of every answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._reserved_paths: dict[str, list[ReservedPath]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware of a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let an address pass that its site does not reserve. Raises TdmReservedError."""
        if _is_policy_file(request):
            return
        host = urlsplit(request.url).netloc
        if host not in self._reserved_paths:
            self._reserved_paths[host] = []  # tdmrep.json may itself be redirected to a page of the site
            self._reserved_paths[host] = await self._fetch_reserved_paths(request.url)
        for path in self._reserved_paths[host]:
            if path.covers_url(request.url):
                _raise_if_reserved(path, request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return an answer that reserves nothing itself. Raises TdmReservedError before the body of another is used."""
        if not _is_policy_file(request):
            _raise_if_reserved(get_header_reservation(response), request.url)
            if isinstance(response, HtmlResponse):
                _raise_if_reserved(get_meta_reservation(response.body), request.url)
        return response

    async def _fetch_reserved_paths(self, url: str) -> list[ReservedPath]:
        assert self.crawler.engine is not None
        meta = {"download_maxsize": TDMREP_DOWNLOAD_LIMIT}
        request = Request(urljoin(url, TDMREP_PATH), callback=NO_CALLBACK, priority=1000, meta=meta)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # whatever kept it from being had, Scrapy has told the log
            return _interpret_download_error(error)
        if response.status >= 500:
            return [ReservedPath("/", message=UNREACHABLE_MESSAGE)]
        if response.status == 200:
            return parse_tdmrep(response.body)
        return []


def _interpret_download_error(error: Exception) -> list[ReservedPath]:
    """Return what a tdmrep.json that could not be had reserves: the whole site, unless it was kept out by robots.txt."""
    if isinstance(error, IgnoreRequest) and not isinstance(error, ServerOverloadedError):
        is_bomb = error.__cause__ is not None and not isinstance(error, RequestRefusedError)
        if is_bomb:
            return [ReservedPath("/", message=TOO_LARGE_MESSAGE)]
        return []
    if isinstance(error, DownloadCancelledError):
        return [ReservedPath("/", message=TOO_LARGE_MESSAGE)]
    return [ReservedPath("/", message=UNREACHABLE_MESSAGE)]


def _is_policy_file(request: Request) -> bool:
    """Tell whether a request is for robots.txt, wherever it is redirected, or for tdmrep.json."""
    path = urlsplit(request.url).path
    return path in ("/robots.txt", TDMREP_PATH) or bool(request.meta.get("dont_obey_robotstxt"))


def _raise_if_reserved(reserved: ReservedPath | None, url: str) -> None:
    if reserved is not None:
        conditions = f" (conditions : {reserved.policy})" if reserved.policy else ""
        raise TdmReservedError(f"{reserved.message}{conditions} : {url}")
