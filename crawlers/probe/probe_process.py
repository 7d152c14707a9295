"""The process that probes a site: `python -m crawlers.probe.probe_process ORDER`, lines of JSON on its output, the report last.

Polite as a run is: the same identity, delay, robots.txt, reservations and guards, and a few requests in all.
"""

import json
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from protego import Protego
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse, Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.sitemap import sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawlers.formats.sitemaps import read_sitemap
from crawlers.identity import ROBOT_NAME, get_request_delay
from crawlers.middlewares.robots import StrictRobotsTxtMiddleware
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.middlewares.tdm import TdmReservedError
from crawlers.politeness import build_polite_settings
from crawlers.probe.draft import ProbedFilm, make_slug, write_list_draft, write_pages_draft
from crawlers.probe.lists import read_list
from crawlers.probe.pages import read_page
from crawlers.probe.report import ProbeReport, RobotsSummary, SitemapSummary
from crawlers.resource_limits import ProcessWatchdog
from crawlers.robots_rules import MAX_CRAWL_DELAY
from crawlers.robots_watch import find_refusal_comment
from crawlers.spiders.base import describe_failure
from domain.common.csv_reader import decompress_gzip, looks_like_html
from domain.common.errors import UserError

REQUEST_DELAY = 2.0
MAX_PROBE_SECONDS = 300
DOCUMENT_SIZE_LIMIT = 32 * 2**20
_FILM_PATH = re.compile(
    r"/(?:films?|movies?|oeuvres?|titres?|titles?|programmes?|videos?|vod|watch|regarder)s?[/-]", re.IGNORECASE
)
_MAX_SITEMAPS, _MAX_PAGES, _SAMPLE_SIZE = 2, 3, 5
_POST_HINT_STATUSES = (400, 404, 405, 415)


class ProbeSpider(scrapy.Spider):
    """Asks for one thing after the other, and stops where it is refused."""

    name = "probe"

    def __init__(self, order: dict[str, Any], report: ProbeReport) -> None:
        super().__init__()
        self.order, self.report = order, report
        self.films: list[ProbedFilm] = []
        self.kept_out = False

    async def start(self) -> AsyncIterator[Request]:
        """Reads all that there is to read; nothing is left to schedule."""
        try:
            await self._probe_site()
        except UserError as problem:
            self.report.refused.append(str(problem))
        return
        yield  # Scrapy expects a generator

    async def _probe_site(self) -> None:
        url = self.order["url"]
        response = await self._fetch_url(url, self.order.get("body"), self.order.get("headers") or {})
        robots = self._read_robots(url)
        if self.kept_out:
            return
        if response is not None:
            self._read_response(response)
        if not self.report.lists and not self.films and (response is not None or urlsplit(url).path in ("", "/")):
            await self._follow_sitemaps([sitemap.url for sitemap in self.report.sitemaps], robots.sitemaps)
        self._draft_pages()

    async def _fetch_url(self, url: str, body: str | None = None, headers: dict[str, str] | None = None) -> Response | None:
        send_progress(f"lecture de {url}")
        assert self.crawler.engine is not None
        kind = {"Content-Type": "application/json"} if body else {}
        request = Request(
            url, method="POST" if body else "GET", body=body, headers=kind | (headers or {}), callback=NO_CALLBACK,
            dont_filter=True, meta={"download_maxsize": DOCUMENT_SIZE_LIMIT},
        )  # fmt: skip
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # told below, whatever it is
            self._report_refusal(error, request)
            return None
        if response.status < 400:
            return response
        said = f"réponse {response.status} : {url}"
        if text := response.body[:200].decode("utf-8", "replace").strip():
            said += f" (« {text[:160]} »)"
        self.report.refused.append(said)
        if response.status in _POST_HINT_STATUSES and not body and not _FILM_PATH.search(url):
            self.report.notes.append(
                "Peut-être une API : relancer avec --body '{…}' si elle attend une requête POST (source.body dans le fichier), "
                "ou avec --header 'Nom: valeur' si elle veut un en-tête (source.headers)."
            )
        return None

    def _report_refusal(self, error: Exception, request: Request) -> None:
        failure: Any = Failure(error)  # type: ignore[no-untyped-call]
        failure.request = request
        said = describe_failure(failure)
        if isinstance(error, RequestRefusedError):
            self.kept_out = True
        if isinstance(error, TdmReservedError):
            self.report.reserved = said
        else:
            self.report.refused.append(said)

    def _read_robots(self, url: str) -> RobotsSummary:
        parts = urlsplit(url)
        middleware = self.crawler.get_downloader_middleware(StrictRobotsTxtMiddleware)
        body = middleware.bodies.get(parts.netloc) if isinstance(middleware, StrictRobotsTxtMiddleware) else None
        seen = RobotsSummary(host=parts.netloc)
        if body is not None:
            text = body.decode("utf-8-sig", "replace")
            rules = Protego.parse(text)
            seen.size, seen.refusal = len(body), find_refusal_comment(text)
            seen.ours, seen.everyone = rules.can_fetch(url, ROBOT_NAME), rules.can_fetch(url, "*")
            seen.delay = rules.crawl_delay(ROBOT_NAME) or 0.0
            seen.sitemaps = [urljoin(url, found) for found in sitemap_urls_from_robots(body, url)]
            self.report.robots = seen
        if seen.delay > MAX_CRAWL_DELAY:
            self.report.notes.append("Le délai demandé est trop long pour une collecte : demander un flux à la plateforme.")
        return seen

    def _read_response(self, response: Response) -> None:
        """Takes a page, a sitemap or a document of data, whichever it is."""
        name = urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
        body = decompress_gzip(response.body, name, DOCUMENT_SIZE_LIMIT)
        data = body.lstrip()[:1] in (b"{", b"[")
        if looks_like_html(body[:4000].decode("latin-1")) or (isinstance(response, HtmlResponse) and not data):
            self._read_page(body.decode(getattr(response, "encoding", None) or "utf-8", "replace"), response.url)
        elif body.lstrip()[:1] == b"<" and re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", body[:2000]):
            self._read_sitemap(body, response.url)
        else:
            seen, rows, source = read_list(body, response.url, name)
            self.report.lists.append(seen)
            self._draft_list(rows, source)

    def _draft_list(self, rows: list[dict[str, Any]], source: list[str]) -> None:
        if not rows:
            return
        if body := self.order.get("body"):
            source = [line.replace('kind = "feed"', 'kind = "api"') for line in source] + [
                f"body = {json.dumps(body, ensure_ascii=False)}"
            ]
        if headers := self.order.get("headers"):
            told = ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in headers.items())
            source = [*source, f"headers = {{{told}}}"]
        write_list_draft(self.report, source, rows, format_today())

    def _read_page(self, text: str, url: str) -> None:
        seen, film, state = read_page(text, url)
        self.report.pages.append(seen)
        if film:
            self.films.append((url, film, state))

    def _read_sitemap(self, body: bytes, url: str) -> list[str]:
        sitemap = read_sitemap(body, url)
        urls = [entry.url for entry in sitemap.entries]
        dated = sum(entry.lastmod is not None for entry in sitemap.entries)
        chosen = rank_film_urls(urls)
        self.report.sitemaps.append(
            SitemapSummary(url=url, index=sitemap.is_index, entries=len(urls), dated=dated, sample=chosen[:_SAMPLE_SIZE])
        )
        return chosen

    async def _follow_sitemaps(self, given: list[str], announced: list[str]) -> None:
        """At most two sitemaps, then at most three pages of films."""
        waiting = [url for seen in self.report.sitemaps for url in seen.sample] if given else rank_film_urls(announced)
        asked: set[str] = set(given)
        pages: list[str] = [] if not given or self.report.sitemaps[0].index else waiting
        while not pages and waiting and len(asked) < _MAX_SITEMAPS + len(given) and not self.kept_out:
            url = waiting.pop(0)
            asked.add(url)
            if (response := await self._fetch_url(url)) is None:
                continue
            chosen = self._read_sitemap(decompress_gzip(response.body, url, DOCUMENT_SIZE_LIMIT), response.url)
            if self.report.sitemaps[-1].index:
                waiting = chosen
            else:
                pages = chosen
        for url in pages[:_MAX_PAGES]:
            if not self.kept_out and (response := await self._fetch_url(url)) is not None:
                self._read_response(response)

    def _draft_pages(self) -> None:
        if self.films and not self.report.draft:
            write_pages_draft(self.report, self.films, format_today())


def rank_film_urls(urls: list[str]) -> list[str]:
    """The addresses whose words look like those of films first, the others after."""
    return sorted(urls, key=lambda url: not _FILM_PATH.search(url) and "film" not in url.lower())


def format_today() -> str:
    """The day, as TOML writes it."""
    return datetime.now(UTC).date().isoformat()


def send_progress(line: str) -> None:
    """One line of progress to the parent."""
    print(json.dumps({"said": line}), flush=True)  # noqa: T201 (the pipe to the parent)


def main() -> None:
    """Reads the order, probes, and writes the report."""
    watchdog = ProcessWatchdog(MAX_PROBE_SECONDS + 60)
    watchdog.start()
    order = json.loads(sys.argv[1])
    host = urlsplit(order["url"]).hostname or ""
    other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    report = ProbeReport(url=order["url"], slug=make_slug(order["url"]))
    settings = build_polite_settings(get_request_delay(host, REQUEST_DELAY), [host, other]) | {
        "RETRY_TIMES": 1,
        "CLOSESPIDER_TIMEOUT": MAX_PROBE_SECONDS,
    }
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(ProbeSpider)
    watchdog.watch_crawler(crawler)
    process.crawl(crawler, order=order, report=report)
    process.start()
    print(json.dumps({"report": report.model_dump(mode="json")}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
