"""Request a few documents of a site, one after the other, and describe them in a report."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from protego import Protego
from scrapy.http import HtmlResponse, Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.sitemap import sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawlers.formats.sitemaps import read_sitemap
from crawlers.identity import ROBOT_NAME
from crawlers.middlewares.robots import StrictRobotsTxtMiddleware
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.middlewares.tdm import TdmReservedError
from crawlers.probe.draft import ProbedFilm, write_list_draft, write_pages_draft
from crawlers.probe.lists import ProbedList, read_list
from crawlers.probe.messages import ProbeOrder, send_progress
from crawlers.probe.pages import read_page
from crawlers.probe.report import ProbeReport, RobotsSummary, SitemapSummary
from crawlers.robots_rules import MAX_CRAWL_DELAY
from crawlers.robots_watch import find_refusal_comment
from crawlers.spiders.base import describe_body, describe_failure
from domain.common.csv_reader import decompress_gzip, looks_like_html
from domain.common.errors import UserError

DOCUMENT_SIZE_LIMIT = 32 * 2**20
_FILM_PATH = re.compile(
    r"/(?:films?|movies?|oeuvres?|titres?|titles?|programmes?|videos?|vod|watch|regarder)s?[/-]", re.IGNORECASE
)
_SITEMAP_ROOT = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_MAX_SITEMAPS = 2
_MAX_PAGES = 3
_SAMPLE_SIZE = 5
_POST_HINT_STATUSES = (400, 404, 405, 415)
_POST_HINT = (
    "Peut-être une API : relancer avec --body '{…}' si elle attend une requête POST (source.body dans le fichier), "
    "ou avec --header 'Nom: valeur' si elle veut un en-tête (source.headers)."
)


class ProbeSpider(scrapy.Spider):
    """Request one document after the other, and stop where a request is refused."""

    name = "probe"

    def __init__(self, order: ProbeOrder, report: ProbeReport) -> None:
        super().__init__()
        self.order = order
        self.report = report
        self._films: list[ProbedFilm] = []
        self._is_refused = False

    async def start(self) -> AsyncIterator[Request]:
        """Read all that there is to read; nothing is left to schedule."""
        try:
            await self._probe_site()
        except UserError as error:
            self.report.refused.append(str(error))
        return
        yield  # Scrapy expects a generator

    async def _probe_site(self) -> None:
        order = self.order
        response = await self._fetch_url(order.url, order.body, order.headers)
        robots = self._read_robots(order.url)
        if self._is_refused:
            return
        if response is not None:
            self._read_response(response)
        is_home_page = urlsplit(order.url).path in ("", "/")
        if not self.report.lists and not self._films and (response is not None or is_home_page):
            await self._follow_sitemaps(robots.sitemaps)
        if self._films and not self.report.draft:
            write_pages_draft(self.report, self._films, format_today())

    async def _fetch_url(self, url: str, body: str | None = None, headers: dict[str, str] | None = None) -> Response | None:
        """Return the answer of an address; None, and the reason in the report, when it cannot be had."""
        send_progress(f"lecture de {url}")
        assert self.crawler.engine is not None
        method, body_headers = describe_body(body)
        request = Request(
            url,
            method=method,
            body=body,
            headers=body_headers | (headers or {}),
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={"download_maxsize": DOCUMENT_SIZE_LIMIT},
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # reported below, whatever it is
            self._report_refusal(error, request)
            return None
        if response.status < 400:
            return response
        self._report_error_status(response, url, has_body=body is not None)
        return None

    def _report_error_status(self, response: Response, url: str, has_body: bool) -> None:
        message = f"réponse {response.status} : {url}"
        text = response.body[:200].decode("utf-8", "replace").strip()
        if text:
            message += f" (« {text[:160]} »)"
        self.report.refused.append(message)
        if response.status in _POST_HINT_STATUSES and not has_body and not _FILM_PATH.search(url):
            self.report.notes.append(_POST_HINT)

    def _report_refusal(self, error: Exception, request: Request) -> None:
        failure: Any = Failure(error)  # type: ignore[no-untyped-call]
        failure.request = request
        message = describe_failure(failure)
        if isinstance(error, RequestRefusedError):
            self._is_refused = True
        if isinstance(error, TdmReservedError):
            self.report.reserved = message
        else:
            self.report.refused.append(message)

    def _read_robots(self, url: str) -> RobotsSummary:
        """Summarise the robots.txt that the middleware read, in the report too."""
        host = urlsplit(url).netloc
        middleware = self.crawler.get_downloader_middleware(StrictRobotsTxtMiddleware)
        body = middleware.bodies.get(host) if isinstance(middleware, StrictRobotsTxtMiddleware) else None
        if body is None:
            return RobotsSummary(host=host)
        robots = summarise_robots(body, host, url)
        self.report.robots = robots
        if robots.delay > MAX_CRAWL_DELAY:
            self.report.notes.append("Le délai demandé est trop long pour une collecte : demander un flux à la plateforme.")
        return robots

    def _read_response(self, response: Response) -> None:
        """Read a page, a sitemap or a document of data, whichever it is."""
        name = urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
        body = decompress_gzip(response.body, name, DOCUMENT_SIZE_LIMIT)
        is_json = body.lstrip()[:1] in (b"{", b"[")
        if looks_like_html(body[:4000].decode("latin-1")) or (isinstance(response, HtmlResponse) and not is_json):
            encoding = getattr(response, "encoding", None) or "utf-8"
            self._read_page(body.decode(encoding, "replace"), response.url)
        elif body.lstrip()[:1] == b"<" and _SITEMAP_ROOT.search(body[:2000]):
            self._read_sitemap(body, response.url)
        else:
            self._draft_list(read_list(body, response.url, name))

    def _draft_list(self, document: ProbedList) -> None:
        self.report.lists.append(document.summary)
        if not document.rows:
            return
        source_lines = list(document.source_lines)
        if self.order.body:
            source_lines = [line.replace('kind = "feed"', 'kind = "api"') for line in source_lines]
            source_lines.append(f"body = {json.dumps(self.order.body, ensure_ascii=False)}")
        if self.order.headers:
            headers = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in self.order.headers.items())
            source_lines.append(f"headers = {{{headers}}}")
        write_list_draft(self.report, source_lines, document.rows, format_today())

    def _read_page(self, text: str, url: str) -> None:
        page = read_page(text, url)
        self.report.pages.append(page.summary)
        if page.film:
            self._films.append(ProbedFilm(url, page.film, page.state))

    def _read_sitemap(self, body: bytes, url: str) -> list[str]:
        """Describe a sitemap in the report, and return its addresses, those of films first."""
        sitemap = read_sitemap(body, url)
        urls = rank_film_urls([entry.url for entry in sitemap.entries])
        dated_count = sum(entry.lastmod is not None for entry in sitemap.entries)
        summary = SitemapSummary(
            url=url, index=sitemap.is_index, entries=len(urls), dated=dated_count, sample=urls[:_SAMPLE_SIZE]
        )
        self.report.sitemaps.append(summary)
        return urls

    async def _follow_sitemaps(self, announced_urls: list[str]) -> None:
        """Read at most two sitemaps, then at most three pages of films; the one that was probed comes before the announced."""
        if not self.report.sitemaps:
            page_urls = await self._find_page_urls(rank_film_urls(announced_urls), set())
        else:
            probed = self.report.sitemaps[0]
            sampled_urls = [url for sitemap in self.report.sitemaps for url in sitemap.sample]
            page_urls = await self._find_page_urls(sampled_urls, {probed.url}) if probed.index else sampled_urls
        for url in page_urls[:_MAX_PAGES]:
            if self._is_refused:
                return
            response = await self._fetch_url(url)
            if response is not None:
                self._read_response(response)

    async def _find_page_urls(self, sitemap_urls: list[str], read_urls: set[str]) -> list[str]:
        """Return the addresses of the first sitemap that lists pages, two sitemaps more being read at most."""
        limit = _MAX_SITEMAPS + len(read_urls)
        waiting = list(sitemap_urls)
        while waiting and len(read_urls) < limit and not self._is_refused:
            url = waiting.pop(0)
            read_urls.add(url)
            response = await self._fetch_url(url)
            if response is None:
                continue
            urls = self._read_sitemap(decompress_gzip(response.body, url, DOCUMENT_SIZE_LIMIT), response.url)
            if self.report.sitemaps[-1].index:
                waiting = urls
            elif urls:
                return urls
        return []


def summarise_robots(body: bytes, host: str, url: str) -> RobotsSummary:
    """Return what a robots.txt says of an address, of its delay, of sitemaps, and in words to people."""
    text = body.decode("utf-8-sig", "replace")
    rules = Protego.parse(text)
    return RobotsSummary(
        host=host,
        size=len(body),
        ours=rules.can_fetch(url, ROBOT_NAME),
        everyone=rules.can_fetch(url, "*"),
        delay=rules.crawl_delay(ROBOT_NAME) or 0.0,
        refusal=find_refusal_comment(text),
        sitemaps=[urljoin(url, sitemap) for sitemap in sitemap_urls_from_robots(body, url)],
    )


def rank_film_urls(urls: list[str]) -> list[str]:
    """Return the addresses whose words look like those of films first, the others after."""
    return sorted(urls, key=lambda url: not _FILM_PATH.search(url) and "film" not in url.lower())


def format_today() -> str:
    """Return the day, as TOML writes it."""
    return datetime.now(UTC).date().isoformat()
