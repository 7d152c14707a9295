"""Text and data mining reservations (directive 2019/790, article 4): a site that reserves its rights is left alone.

The three forms of the TDM Reservation Protocol are read before a body is used: `/.well-known/tdmrep.json`, the header, the
`<meta>` of a page. Where several rules of a tdmrep.json speak of an address, one that reserves it is enough. Like robots.txt
(RFC 9309), a tdmrep.json that the server cannot give (5xx, no answer) is taken as a refusal; one that it does not have (4xx,
sent elsewhere, kept out by robots.txt) reserves nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urljoin, urlsplit

from parsel import Selector
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawlers.middlewares.ssrf import Refused
from crawlers.middlewares.throttle import Overloaded
from domain.common.csv_reader import looks_like_html
from domain.common.text import clean

WELL_KNOWN = "/.well-known/tdmrep.json"
HEAD = 2**18
FILE_LIMIT, PAGE_LIMIT = 2**18, 2**22  # a site that has none may give its page of error, however large
_NAME = "tdm-reservation"
_SAID = "le site réserve la fouille de textes et de données"
_TOO_LARGE = "tdmrep.json démesuré, le site réserve peut-être la fouille de textes et de données"
_UNKNOWN = "tdmrep.json injoignable, le site réserve peut-être la fouille de textes et de données"


class Reserved(Refused):
    """A request that must not be made: its site reserves text and data mining."""


@dataclass(frozen=True)
class ReservedPlace:
    """A place that a site reserves: a path where `*` stands for anything and a final `$` for the end, and its conditions."""

    location: str
    policy: str | None = None
    said: str = _SAID

    def covers(self, url: str) -> bool:
        """Whether an address is in the place."""
        parts = urlsplit(url)
        return _matches(unquote(self.location), unquote((parts.path or "/") + (f"?{parts.query}" if parts.query else "")))


def _matches(pattern: str, path: str) -> bool:
    """Read without going back, so that no pattern can take long."""
    *pieces, last = pattern.removesuffix("$").split("*")
    at = 0
    for rank, piece in enumerate(pieces):
        found = path.find(piece, at)
        if found < 0 or (rank == 0 and found > 0):
            return False
        at = found + len(piece)
    if not pattern.endswith("$"):
        return path.find(last, at) >= 0 if pieces else path.startswith(last)
    return path == last if not pieces else path.endswith(last) and len(path) - len(last) >= at


def reserved_places(body: bytes) -> list[ReservedPlace]:
    """The places that a tdmrep.json reserves; none when it is not one. A rule without a place reserves the whole site.

    One too large to be read (256 KiB), unless it is a page of HTML, reserves everything.
    """
    if len(body) > FILE_LIMIT:
        return [] if looks_like_html(body[:1024].decode("latin-1")) else [ReservedPlace("/", said=_TOO_LARGE)]
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [place for rule in (rules if isinstance(rules, list) else [rules]) if isinstance(rule, dict) for place in _read(rule)]


def _read(rule: dict[str, Any]) -> Iterator[ReservedPlace]:
    told = {str(key).strip().lower(): value for key, value in rule.items()}
    if str(told.get(_NAME)).strip().lower() not in ("1", "true"):
        return
    written = told.get("location")
    for location in written if isinstance(written, list) else [written]:
        path = location.strip() if isinstance(location, str) else ""
        path = urlsplit(path).path if "://" in path else path
        yield ReservedPlace(path if path.startswith(("/", "*")) else f"/{path}", _policy(told.get("tdm-policy")))


def _policy(value: object) -> str | None:
    return clean(value)[:200] or None if isinstance(value, str) else None


def reserved_by_header(response: Response) -> ReservedPlace | None:
    """What the headers of an answer reserve."""
    values = [part.strip() for line in response.headers.getlist(_NAME) for part in line.split(b",")]
    if b"1" not in values:
        return None
    return ReservedPlace("/", _policy((response.headers.get("tdm-policy") or b"").decode("latin-1")))


def reserved_by_page(body: bytes) -> ReservedPlace | None:
    """What a page of HTML reserves in its first part; it is only parsed when it holds the word."""
    head = body[:HEAD]
    if b"\0" in head:
        head = head.replace(b"\0", b"")  # UTF-16
    if _NAME.encode() not in head.lower():
        return None
    metas = Selector(head.decode("utf-8", "replace"), type="html").css("meta[name][content]")
    told: dict[str, list[str]] = {}
    for meta in metas:
        told.setdefault(meta.attrib["name"].strip().lower(), []).append(meta.attrib["content"].strip())
    return ReservedPlace("/", _policy("".join(told.get("tdm-policy", [])[:1]))) if "1" in told.get(_NAME, []) else None


class MiningReservation:
    """Reads a host's tdmrep.json before anything else of it, then the header and the `<meta>` of every answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._reserved: dict[str, list[ReservedPlace]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuses an address that its site reserves."""
        if _open_to_all(request):
            return
        host = urlsplit(request.url).netloc
        if host not in self._reserved:
            self._reserved[host] = []  # tdmrep.json may itself be redirected to a page of the site
            self._reserved[host] = await self._ask(request.url)
        _refuse(next((place for place in self._reserved[host] if place.covers(request.url)), None), request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        """Refuses an answer that says so itself, before its body is used."""
        if not _open_to_all(request):
            _refuse(reserved_by_header(response), request.url)
            if isinstance(response, HtmlResponse):
                _refuse(reserved_by_page(response.body), request.url)
        return response

    async def _ask(self, url: str) -> list[ReservedPlace]:
        assert self.crawler.engine is not None
        asked = Request(urljoin(url, WELL_KNOWN), callback=NO_CALLBACK, priority=1000, meta={"download_maxsize": PAGE_LIMIT})
        try:
            response = await self.crawler.engine.download_async(asked)
        except Overloaded:
            return [ReservedPlace("/", said=_UNKNOWN)]
        except IgnoreRequest as error:
            bomb = error.__cause__ is not None and not isinstance(error, Refused)
            return [ReservedPlace("/", said=_TOO_LARGE)] if bomb else []
        except DownloadCancelledError:
            return [ReservedPlace("/", said=_TOO_LARGE)]
        except Exception:  # whatever kept it from being had, Scrapy has told the log
            return [ReservedPlace("/", said=_UNKNOWN)]
        if response.status >= 500:
            return [ReservedPlace("/", said=_UNKNOWN)]
        return reserved_places(response.body) if response.status == 200 else []


def _open_to_all(request: Request) -> bool:
    """Whether it is robots.txt, wherever it is redirected, or tdmrep.json."""
    path = urlsplit(request.url).path
    return path in ("/robots.txt", WELL_KNOWN) or bool(request.meta.get("dont_obey_robotstxt"))


def _refuse(place: ReservedPlace | None, url: str) -> None:
    if place is not None:
        conditions = f" (conditions : {place.policy})" if place.policy else ""
        raise Reserved(f"{place.said}{conditions} : {url}")
