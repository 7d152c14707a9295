"""The spider that reads web sites: robots.txt, sitemaps, film pages."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse, Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawlers.catalogue_spider import CatalogueSpider, explain, sign_in_page
from crawlers.mapper import Issue
from crawlers.platform_file import PlatformFile
from crawlers.recorder import Recorder
from crawlers.source_tables import Pages
from crawlers.structured_data import find_film
from records.errors import Problem
from records.tabular import unpack

PAGE_SIZE = 4 * 2**20
PATIENCE = 10
GONE = "page retirée"


class PageSpider(CatalogueSpider):
    """Reads every film page that the sitemaps list. Ten in a row that say nothing end the run."""

    def __init__(self, platform: PlatformFile, source: Pages, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.listed: set[str] = set()
        self.films = 0
        self.silent = 0

    async def start(self) -> AsyncIterator[Request]:
        """The sitemap, or robots.txt that names it."""
        yield self._ask(self.source.url)

    def _ask(self, url: str) -> Request:
        self.listed.add(url)
        return Request(url, callback=self.read_list, errback=self.give_up, dont_filter=True, priority=1)

    def read_list(self, response: Response) -> Iterator[Request]:
        """Follows a list: robots.txt, a sitemap index or a sitemap."""
        if elsewhere := sign_in_page(response):
            raise Problem(elsewhere)
        self.recorder.document(response.url, response.body)
        if urlsplit(response.url).path == "/robots.txt":
            index, urls = True, list(sitemap_urls_from_robots(response.body, response.url))
            if not urls:
                raise Problem(f"robots.txt n'indique aucun plan de site : {response.url}")
        else:
            index, urls = read_sitemap(response)
            wanted = self.source.sitemaps if index else self.source.pages
            urls = [url for url in urls if wanted is None or wanted.search(url)]
        for url in dict.fromkeys(urls):
            if url not in self.listed:
                yield from [self._ask(url)] if index else self._ask_page(url)

    def _ask_page(self, url: str) -> Iterator[Request]:
        cap = self.platform.politeness.cap_pages
        self.listed.add(url)
        self.films += 1
        if self.films == cap + 1:
            self.recorder.gaps.append(f"plafond de {cap} pages atteint")
        if self.films <= cap:
            meta = {"download_maxsize": PAGE_SIZE}
            yield Request(url, callback=self.read_page, errback=self.miss_page, dont_filter=True, meta=meta)

    def read_page(self, response: Response) -> None:
        """Takes the film of a page."""
        if elsewhere := sign_in_page(response):
            self._miss(elsewhere)
            return
        film, broken = None, 0
        if isinstance(response, HtmlResponse):
            film, broken = find_film(response.selector, response.url)
        if broken:
            self.recorder.warn(Issue("données illisibles", f"{broken} bloc JSON-LD illisible : {response.url}"))
        if film is None:
            self.recorder.unreadable(f"aucun film dans la page : {response.url}")
            self._stay_silent(f"aucun film dans la page : {response.url}")
            return
        if self.recorder.receive({"film": film, **self._surroundings(response)}, response.url):
            self.silent = 0
        else:
            self._stay_silent(f"film sans titre ou sans numéro : {response.url}")

    def _surroundings(self, response: Response) -> dict[str, Any]:
        """The page's address and number, and the values that its HTML alone holds."""
        asked = (response.meta.get("redirect_urls") or [response.url])[0]
        found = self.source.pages.search(asked)
        ref = found.groupdict().get("ref") if found else None
        css = {name: [text.strip() for text in response.css(path).getall()] for name, path in self.source.css.items()}
        return {"page": {"url": response.url, "ref": ref or urlsplit(asked).path}, "css": css}

    def miss_page(self, failure: Failure) -> None:
        """Counts a page that left, or notes one that failed."""
        if isinstance(failure.value, HttpError) and failure.value.response.status in (404, 410):
            self.recorder.counts.rows += 1
            self.recorder.drop(GONE)
        else:
            self._miss(explain(failure))

    def _miss(self, said: str) -> None:
        self.recorder.gaps.append(said)
        self.recorder.warn(Issue("page en échec", said))
        self._stay_silent(said)

    def _stay_silent(self, said: str) -> None:
        self.silent += 1
        if self.silent >= PATIENCE:
            raise Problem(f"{PATIENCE} pages de suite sans film, collecte arrêtée : {said}")


def read_sitemap(response: Response) -> tuple[bool, list[str]]:
    """Whether a sitemap is an index, and the addresses it lists. Raises Problem when it is not one."""
    try:
        sitemap = Sitemap(unpack(response.body, urlsplit(response.url).path))
    except (SyntaxError, StopIteration):
        sitemap = None
    if sitemap is None or sitemap.type not in ("sitemapindex", "urlset"):
        raise Problem(f"plan de site attendu, autre chose reçu : {response.url}")
    return sitemap.type == "sitemapindex", [entry["loc"] for entry in sitemap if entry.get("loc")]
