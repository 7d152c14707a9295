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
from crawlers.middlewares.robots import human_refusal
from crawlers.middlewares.ssrf import Refused
from crawlers.middlewares.tdm import Reserved
from crawlers.politeness import LONGEST_CRAWL_DELAY, ROBOT_NAME, StrictRobots, polite_delay, polite_settings
from crawlers.probe.draft import Film, list_draft, pages_draft, slug_of
from crawlers.probe.lists import read_list
from crawlers.probe.pages import read_page
from crawlers.probe.report import ProbeReport, RobotsSeen, SitemapSeen
from crawlers.resource_limits import stay_within_bounds, watch_reactor
from crawlers.spiders.base import explain
from domain.common.csv_reader import looks_like_html, unpack
from domain.common.errors import Problem

DELAY = 2.0
LONGEST_PROBE = 300
SIZE = 32 * 2**20
_FILMS = re.compile(r"/(?:films?|movies?|oeuvres?|titres?|titles?|programmes?|videos?|vod|watch|regarder)s?[/-]", re.IGNORECASE)
_MOST_SITEMAPS, _MOST_PAGES, _SAMPLE = 2, 3, 5
_MAY_POST = (400, 404, 405, 415)


class ProbeSpider(scrapy.Spider):
    """Asks for one thing after the other, and stops where it is refused."""

    name = "probe"

    def __init__(self, order: dict[str, Any], report: ProbeReport) -> None:
        super().__init__()
        self.order, self.report = order, report
        self.films: list[Film] = []
        self.kept_out = False

    async def start(self) -> AsyncIterator[Request]:
        """Reads all that there is to read; nothing is left to schedule."""
        try:
            await self._probe()
        except Problem as problem:
            self.report.refused.append(str(problem))
        return
        yield  # Scrapy expects a generator

    async def _probe(self) -> None:
        url = self.order["url"]
        response = await self._ask(url, self.order.get("body"), self.order.get("headers") or {})
        robots = self._read_robots(url)
        if self.kept_out:
            return
        if response is not None:
            self._read(response)
        if not self.report.lists and not self.films and (response is not None or urlsplit(url).path in ("", "/")):
            await self._follow([sitemap.url for sitemap in self.report.sitemaps], robots.sitemaps)
        self._draft()

    async def _ask(self, url: str, body: str | None = None, headers: dict[str, str] | None = None) -> Response | None:
        tell(f"lecture de {url}")
        assert self.crawler.engine is not None
        kind = {"Content-Type": "application/json"} if body else {}
        request = Request(
            url, method="POST" if body else "GET", body=body, headers=kind | (headers or {}), callback=NO_CALLBACK,
            dont_filter=True, meta={"download_maxsize": SIZE},
        )  # fmt: skip
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # told below, whatever it is
            self._refused(error, request)
            return None
        if response.status < 400:
            return response
        said = f"réponse {response.status} : {url}"
        if text := response.body[:200].decode("utf-8", "replace").strip():
            said += f" (« {text[:160]} »)"
        self.report.refused.append(said)
        if response.status in _MAY_POST and not body and not _FILMS.search(url):
            self.report.notes.append(
                "Peut-être une API : relancer avec --body '{…}' si elle attend une requête POST (source.body dans le fichier), "
                "ou avec --header 'Nom: valeur' si elle veut un en-tête (source.headers)."
            )
        return None

    def _refused(self, error: Exception, request: Request) -> None:
        failure: Any = Failure(error)  # type: ignore[no-untyped-call]
        failure.request = request
        said = explain(failure)
        if isinstance(error, Refused):
            self.kept_out = True
        if isinstance(error, Reserved):
            self.report.reserved = said
        else:
            self.report.refused.append(said)

    def _read_robots(self, url: str) -> RobotsSeen:
        parts = urlsplit(url)
        middleware = self.crawler.get_downloader_middleware(StrictRobots)
        body = middleware.read.get(parts.netloc) if isinstance(middleware, StrictRobots) else None
        seen = RobotsSeen(host=parts.netloc)
        if body is not None:
            text = body.decode("utf-8-sig", "replace")
            rules = Protego.parse(text)
            seen.size, seen.refusal = len(body), human_refusal(text)
            seen.ours, seen.everyone = rules.can_fetch(url, ROBOT_NAME), rules.can_fetch(url, "*")
            seen.delay = rules.crawl_delay(ROBOT_NAME) or 0.0
            seen.sitemaps = [urljoin(url, found) for found in sitemap_urls_from_robots(body, url)]
            self.report.robots = seen
        if seen.delay > LONGEST_CRAWL_DELAY:
            self.report.notes.append("Le délai demandé est trop long pour une collecte : demander un flux à la plateforme.")
        return seen

    def _read(self, response: Response) -> None:
        """Takes a page, a sitemap or a document of data, whichever it is."""
        name = urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
        body = unpack(response.body, name, SIZE)
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
        list_draft(self.report, source, rows, today())

    def _read_page(self, text: str, url: str) -> None:
        seen, film, state = read_page(text, url)
        self.report.pages.append(seen)
        if film:
            self.films.append((url, film, state))

    def _read_sitemap(self, body: bytes, url: str) -> list[str]:
        sitemap = read_sitemap(body, url)
        urls = [entry.url for entry in sitemap.listed]
        dated = sum(entry.lastmod is not None for entry in sitemap.listed)
        chosen = likely(urls)
        self.report.sitemaps.append(
            SitemapSeen(url=url, index=sitemap.index, entries=len(urls), dated=dated, sample=chosen[:_SAMPLE])
        )
        return chosen

    async def _follow(self, given: list[str], announced: list[str]) -> None:
        """At most two sitemaps, then at most three pages of films."""
        waiting = [url for seen in self.report.sitemaps for url in seen.sample] if given else likely(announced)
        asked: set[str] = set(given)
        pages: list[str] = [] if not given or self.report.sitemaps[0].index else waiting
        while not pages and waiting and len(asked) < _MOST_SITEMAPS + len(given) and not self.kept_out:
            url = waiting.pop(0)
            asked.add(url)
            if (response := await self._ask(url)) is None:
                continue
            chosen = self._read_sitemap(unpack(response.body, url, SIZE), response.url)
            if self.report.sitemaps[-1].index:
                waiting = chosen
            else:
                pages = chosen
        for url in pages[:_MOST_PAGES]:
            if not self.kept_out and (response := await self._ask(url)) is not None:
                self._read(response)

    def _draft(self) -> None:
        if self.films and not self.report.draft:
            pages_draft(self.report, self.films, today())


def likely(urls: list[str]) -> list[str]:
    """The addresses whose words look like those of films first, the others after."""
    return sorted(urls, key=lambda url: not _FILMS.search(url) and "film" not in url.lower())


def today() -> str:
    """The day, as TOML writes it."""
    return datetime.now(UTC).date().isoformat()


def tell(line: str) -> None:
    """One line of progress to the parent."""
    print(json.dumps({"said": line}), flush=True)  # noqa: T201 (the pipe to the parent)


def main() -> None:
    """Reads the order, probes, and writes the report."""
    stay_within_bounds(LONGEST_PROBE + 60)
    order = json.loads(sys.argv[1])
    host = urlsplit(order["url"]).hostname or ""
    other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    report = ProbeReport(url=order["url"], slug=slug_of(order["url"]))
    settings = polite_settings(polite_delay(host, DELAY), [host, other]) | {
        "RETRY_TIMES": 1,
        "CLOSESPIDER_TIMEOUT": LONGEST_PROBE,
    }
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(ProbeSpider)
    watch_reactor(crawler)
    process.crawl(crawler, order=order, report=report)
    process.start()
    print(json.dumps({"report": report.model_dump(mode="json")}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
