"""Text and data mining reservations (directive 2019/790, article 4): a site that reserves its rights is left alone."""

import json
from fnmatch import fnmatchcase
from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.guard import Refused

WELL_KNOWN = "/.well-known/tdmrep.json"


class MiningReservation:
    """Reads a host's tdmrep.json before anything else of it, and the `tdm-reservation` header of every answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._reserved: dict[str, list[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuses an address that its site reserves."""
        if _open_to_all(request):
            return
        parts = urlsplit(request.url)
        if parts.netloc not in self._reserved:
            self._reserved[parts.netloc] = []  # tdmrep.json may itself be redirected to a page of the site
            self._reserved[parts.netloc] = await self._ask(request.url)
        if any(fnmatchcase(parts.path, place.rstrip("*") + "*") for place in self._reserved[parts.netloc]):
            raise Refused(f"le site réserve la fouille de textes et de données : {request.url}")

    def process_response(self, request: Request, response: Response) -> Response:
        """Refuses an answer that says so itself, before its body is used."""
        if not _open_to_all(request) and (response.headers.get("tdm-reservation") or b"").strip() == b"1":
            raise Refused(f"le site réserve la fouille de textes et de données : {request.url}")
        return response

    async def _ask(self, url: str) -> list[str]:
        assert self.crawler.engine is not None
        try:
            asked = Request(urljoin(url, WELL_KNOWN), callback=NO_CALLBACK, priority=1000)
            response = await self.crawler.engine.download_async(asked)
        except IgnoreRequest:
            return []
        return reserved_places(response.body) if response.status == 200 else []


def _open_to_all(request: Request) -> bool:
    """Whether it is robots.txt, wherever it is redirected, or tdmrep.json."""
    path = urlsplit(request.url).path
    return path in ("/robots.txt", WELL_KNOWN) or bool(request.meta.get("dont_obey_robotstxt"))


def reserved_places(body: bytes) -> list[str]:
    """The places that a tdmrep.json reserves; none when it is not one."""
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return []
    rules = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    return [str(rule.get("location")) for rule in rules if str(rule.get("tdm-reservation")) == "1"]
