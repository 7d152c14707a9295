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

from crawlers.middlewares.overload_retry import ServerOverloadedError
from crawlers.middlewares.ssrf import RequestRefusedError
from domain.common.csv_reader import looks_like_html
from domain.common.text import clean_text

TDMREP_PATH = "/.well-known/tdmrep.json"
HTML_HEAD_SIZE = 2**18
TDMREP_SIZE_LIMIT, TDMREP_DOWNLOAD_LIMIT = 2**18, 2**22  # a site that has none may give its page of error, however large
_RESERVATION_NAME = "tdm-reservation"
_RESERVED_MESSAGE = "le site réserve la fouille de textes et de données"
_TOO_LARGE_MESSAGE = "tdmrep.json démesuré, le site réserve peut-être la fouille de textes et de données"
_UNREACHABLE_MESSAGE = "tdmrep.json injoignable, le site réserve peut-être la fouille de textes et de données"


class TdmReservedError(RequestRefusedError):
    """A request that must not be made: its site reserves text and data mining."""


@dataclass(frozen=True)
class ReservedPath:
    """A place that a site reserves: a path where `*` stands for anything and a final `$` for the end, and its conditions."""

    location: str
    policy: str | None = None
    message: str = _RESERVED_MESSAGE

    def covers_url(self, url: str) -> bool:
        """Whether an address is in the place."""
        parts = urlsplit(url)
        return _matches_pattern(unquote(self.location), unquote((parts.path or "/") + (f"?{parts.query}" if parts.query else "")))


def _matches_pattern(pattern: str, path: str) -> bool:
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


def parse_tdmrep(body: bytes) -> list[ReservedPath]:
    """The places that a tdmrep.json reserves; none when it is not one. A rule without a place reserves the whole site.

    One too large to be read (256 KiB), unless it is a page of HTML, reserves everything.
    """
    if len(body) > TDMREP_SIZE_LIMIT:
        return [] if looks_like_html(body[:1024].decode("latin-1")) else [ReservedPath("/", message=_TOO_LARGE_MESSAGE)]
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [
        place for rule in (rules if isinstance(rules, list) else [rules]) if isinstance(rule, dict) for place in _parse_rule(rule)
    ]


def _parse_rule(rule: dict[str, Any]) -> Iterator[ReservedPath]:
    told = {str(key).strip().lower(): value for key, value in rule.items()}
    if str(told.get(_RESERVATION_NAME)).strip().lower() not in ("1", "true"):
        return
    written = told.get("location")
    for location in written if isinstance(written, list) else [written]:
        path = location.strip() if isinstance(location, str) else ""
        path = urlsplit(path).path if "://" in path else path
        yield ReservedPath(path if path.startswith(("/", "*")) else f"/{path}", _parse_policy(told.get("tdm-policy")))


def _parse_policy(value: object) -> str | None:
    return clean_text(value)[:200] or None if isinstance(value, str) else None


def get_header_reservation(response: Response) -> ReservedPath | None:
    """What the headers of an answer reserve."""
    values = [part.strip() for line in response.headers.getlist(_RESERVATION_NAME) for part in line.split(b",")]
    if b"1" not in values:
        return None
    return ReservedPath("/", _parse_policy((response.headers.get("tdm-policy") or b"").decode("latin-1")))


def get_meta_reservation(body: bytes) -> ReservedPath | None:
    """What a page of HTML reserves in its first part; it is only parsed when it holds the word."""
    head = body[:HTML_HEAD_SIZE]
    if b"\0" in head:
        head = head.replace(b"\0", b"")  # UTF-16
    if _RESERVATION_NAME.encode() not in head.lower():
        return None
    metas = Selector(head.decode("utf-8", "replace"), type="html").css("meta[name][content]")
    told: dict[str, list[str]] = {}
    for meta in metas:
        told.setdefault(meta.attrib["name"].strip().lower(), []).append(meta.attrib["content"].strip())
    return (
        ReservedPath("/", _parse_policy("".join(told.get("tdm-policy", [])[:1])))
        if "1" in told.get(_RESERVATION_NAME, [])
        else None
    )


class TdmReservationMiddleware:
    """Reads a host's tdmrep.json before anything else of it, then the header and the `<meta>` of every answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._reserved: dict[str, list[ReservedPath]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuses an address that its site reserves."""
        if _is_policy_file(request):
            return
        host = urlsplit(request.url).netloc
        if host not in self._reserved:
            self._reserved[host] = []  # tdmrep.json may itself be redirected to a page of the site
            self._reserved[host] = await self._fetch_reserved_paths(request.url)
        _raise_if_reserved(next((place for place in self._reserved[host] if place.covers_url(request.url)), None), request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        """Refuses an answer that says so itself, before its body is used."""
        if not _is_policy_file(request):
            _raise_if_reserved(get_header_reservation(response), request.url)
            if isinstance(response, HtmlResponse):
                _raise_if_reserved(get_meta_reservation(response.body), request.url)
        return response

    async def _fetch_reserved_paths(self, url: str) -> list[ReservedPath]:
        assert self.crawler.engine is not None
        asked = Request(
            urljoin(url, TDMREP_PATH), callback=NO_CALLBACK, priority=1000, meta={"download_maxsize": TDMREP_DOWNLOAD_LIMIT}
        )
        try:
            response = await self.crawler.engine.download_async(asked)
        except ServerOverloadedError:
            return [ReservedPath("/", message=_UNREACHABLE_MESSAGE)]
        except IgnoreRequest as error:
            bomb = error.__cause__ is not None and not isinstance(error, RequestRefusedError)
            return [ReservedPath("/", message=_TOO_LARGE_MESSAGE)] if bomb else []
        except DownloadCancelledError:
            return [ReservedPath("/", message=_TOO_LARGE_MESSAGE)]
        except Exception:  # whatever kept it from being had, Scrapy has told the log
            return [ReservedPath("/", message=_UNREACHABLE_MESSAGE)]
        if response.status >= 500:
            return [ReservedPath("/", message=_UNREACHABLE_MESSAGE)]
        return parse_tdmrep(response.body) if response.status == 200 else []


def _is_policy_file(request: Request) -> bool:
    """Whether it is robots.txt, wherever it is redirected, or tdmrep.json."""
    path = urlsplit(request.url).path
    return path in ("/robots.txt", TDMREP_PATH) or bool(request.meta.get("dont_obey_robotstxt"))


def _raise_if_reserved(reserved: ReservedPath | None, url: str) -> None:
    if reserved is not None:
        conditions = f" (conditions : {reserved.policy})" if reserved.policy else ""
        raise TdmReservedError(f"{reserved.message}{conditions} : {url}")
