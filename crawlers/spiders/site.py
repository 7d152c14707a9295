"""The spider that reads web sites: robots.txt, sitemaps, film pages; those that did not change are not asked for again."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]
from parsel.csstranslator import HTMLTranslator
from scrapy.http import HtmlResponse, Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.sitemap import sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawlers.extract.embedded_state import film_of_state
from crawlers.extract.mapper import UNKNOWN_WORD, Issue, Mapped, map_row
from crawlers.extract.structured_data import find_film
from crawlers.formats.sitemaps import Listed, is_askable, read_sitemap, trusted
from crawlers.middlewares.ssrf import is_loopback
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import Pages
from crawlers.spiders.base import AddressSpider, explain, sign_in_page
from crawlers.spiders.page_history import BATCH, PageMemory, validators
from domain.common.errors import Problem
from domain.common.text import counted
from domain.runs.page_reads import Page

PAGE_SIZE = 4 * 2**20
LISTS_LIMIT = 1000
GONE = "page retirée"
_FILM_LEFT = (404, 410)


class PageSpider(AddressSpider):
    """Reads the film pages that the sitemaps list, and carries over those that did not change.

    The known film of a page that failed, or said nothing of a film, is remembered as it was: it was neither seen nor absent,
    and its offers keep the date when they were last seen (`domain.runs.page_reads.keep_reads`). A page that says its film left
    is forgotten, so that it is asked again next time: two absences come from two answers.
    """

    def __init__(self, platform: PlatformFile, source: Pages, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.memory = PageMemory(recorder.engine, recorder.run_id, platform, source.reread_days)
        self.known: set[str] = set()
        self.lists = 0
        self.css = {name: etree.XPath(HTMLTranslator().css_to_xpath(path)) for name, path in source.css.items()}

    async def start(self) -> AsyncIterator[Request]:
        """The sitemap, or robots.txt that names it."""
        for request in self._ask_lists([self.source.url]):
            yield request

    def _ask_lists(self, urls: Sequence[str]) -> Iterator[Request]:
        for url in urls:
            if self.lists == LISTS_LIMIT:
                self.recorder.gaps.append(f"plafond de {LISTS_LIMIT} plans de site atteint")
            self.lists += 1
            if self.lists <= LISTS_LIMIT:
                yield Request(url, callback=self.read_list, errback=self.give_up, dont_filter=True, priority=1)

    def read_list(self, response: Response) -> Iterator[Request]:
        """Follows a list: robots.txt, a sitemap index or a sitemap."""
        if elsewhere := sign_in_page(response):
            raise Problem(elsewhere)
        self.trace(response)
        if urlsplit(response.url).path == "/robots.txt":
            found = [url for url in sitemap_urls_from_robots(response.body, response.url) if is_askable(url)]
            if not found:
                raise Problem(f"robots.txt n'indique aucun plan de site : {response.url}")
            yield from self._ask_lists([entry.url for entry in self._new(map(Listed, found))])
            return
        sitemap = read_sitemap(response.body, response.url)
        wanted = self.source.sitemaps if sitemap.index else self.source.pages
        new = list(self._new(entry for entry in sitemap.listed if wanted is None or wanted.search(entry.url)))
        if sitemap.index:
            yield from self._ask_lists([entry.url for entry in new])
        else:
            self.plan(self._pages(trusted(self._within_cap(new))))
            yield from self.ask_more()

    def _new(self, listed: Iterator[Listed]) -> Iterator[Listed]:
        """The addresses of the platform's own sites that were not listed before, encrypted wherever they are not local."""
        hosts = frozenset(self.settings.getlist("FETCH_HOSTS"))
        for entry in listed:
            parts = urlsplit(entry.url)
            if parts.hostname not in hosts:
                self.recorder.warn(Issue("adresse écartée", f"adresse hors des sites de la plateforme : {entry.url}"))
                continue
            safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
            url = entry.url if safe else parts._replace(scheme="https").geturl()
            if len(self.known) > self.platform.politeness.cap_pages + LISTS_LIMIT:
                return
            if url not in self.known:
                self.known.add(url)
                yield Listed(url, entry.lastmod)

    def _within_cap(self, new: list[Listed]) -> list[Listed]:
        cap, counts = self.platform.politeness.cap_pages, self.recorder.counts
        kept = new[: max(0, cap - counts.listed)]
        if len(kept) < len(new) and counts.listed + len(kept) == cap:
            self.recorder.gaps.append(f"plafond de {cap} pages atteint")
        counts.listed += len(kept)
        return kept

    def _pages(self, listed: list[Listed]) -> Iterator[Request]:
        """Carries over the pages that the sitemap says unchanged; the requests of the others."""
        for start in range(0, len(listed), BATCH):
            some, now = listed[start : start + BATCH], datetime.now(UTC)
            remembered = self.memory.recall([entry.url for entry in some])
            for entry in some:
                page = remembered.get(entry.url)
                if page is not None and self.memory.vouched(page, entry, now):
                    self.recorder.carry(page, seen=True)
                else:
                    yield self._ask_page(entry, page)

    def _ask_page(self, entry: Listed, page: Page | None) -> Request:
        conditions = self.memory.conditions(page, datetime.now(UTC))
        return Request(
            entry.url,
            headers=conditions,
            callback=self.read_page,
            errback=self.miss_page,
            dont_filter=True,
            cb_kwargs={"entry": entry},
            meta={"download_maxsize": PAGE_SIZE, "handle_httpstatus_list": [304] if conditions else []},
        )

    def read_page(self, response: Response, entry: Listed) -> Iterator[Request]:
        """Takes the film of a page, then asks for the next ones."""
        if response.status == 304 and (page := self.memory.recall_one(entry.url)):
            self.recorder.carry(page._replace(lastmod=entry.lastmod), seen=True)
            self.silent = 0
        elif elsewhere := sign_in_page(response):
            self._stay_as_known(entry)
            self.miss(elsewhere)
        else:
            self._read(response, entry)
        yield from self.answered()

    def _read(self, response: Response, entry: Listed) -> None:
        gone = self.source.gone
        page = response if isinstance(response, HtmlResponse) else None
        if page is not None and gone and gone in page.text:
            self._count_gone()
            return
        if self._leads_elsewhere(response, entry):
            self._count_gone()
            return
        film = self._film(page) if page is not None else None
        if page is not None and film is None and gone and gone in unescape(page.text):
            self._count_gone()
            return
        if page is None or film is None:
            self.recorder.unreadable(f"aucun film dans la page : {response.url}")
            self._stay_as_known(entry)
            self.stay_silent(f"aucun film dans la page : {response.url}")
            return
        mapped = map_row(self.platform, {"film": film, **self._surroundings(page, entry)}, page.url)
        if self.recorder.take(mapped):
            self.silent = 0
            self.recorder.remember(self._remembered(response, entry, mapped))
        else:
            self._stay_as_known(entry)
            self.stay_silent(f"film sans titre ou sans numéro : {response.url}")

    def _leads_elsewhere(self, response: Response, entry: Listed) -> bool:
        """Whether the page was redirected to that of another film, as sites do with those that left."""
        redirected = "redirect_urls" in response.meta and self.source.pages.search(response.url) is not None
        return redirected and self._number(response.url) != self._number(entry.url)

    def _number(self, url: str) -> str:
        """The platform's number in a page's address, or its path."""
        found = self.source.pages.search(url)
        return (found.groupdict().get("ref") if found else None) or urlsplit(url).path

    def _film(self, response: HtmlResponse) -> dict[str, Any] | None:
        if self.source.state is None:
            film, broken = find_film(response.selector, response.url)
            if broken:
                self.recorder.warn(Issue("données illisibles", f"JSON-LD, {counted(broken, 'bloc illisible')} : {response.url}"))
            return film
        try:
            return film_of_state(response.selector, self.source)
        except ValueError as error:
            self.recorder.warn(Issue("données illisibles", f"état de la page illisible ({error}) : {response.url}"))
            return None

    def _surroundings(self, response: HtmlResponse, entry: Listed) -> dict[str, Any]:
        """The page's address and number, and the values that its HTML alone holds."""
        root = response.selector.root
        css = {name: [_text(part) for part in path(root)] for name, path in self.css.items()}
        return {"page": {"url": response.url, "ref": self._number(entry.url)}, "css": css}

    def _remembered(self, response: Response, entry: Listed, mapped: Mapped) -> Page:
        """A page with an unknown word is remembered to be read again: its run must say so every time."""
        etag, modified = validators(response)
        lines = [mapped.observed.model_dump(mode="json", exclude_defaults=True)] if mapped.observed else []
        rules = "" if any(issue.kind == UNKNOWN_WORD for issue in mapped.issues) else self.memory.rules
        return Page(entry.url, rules, datetime.now(UTC), entry.lastmod, etag, modified, mapped.dropped, lines)

    def miss_page(self, failure: Failure) -> Iterator[Request]:
        """Counts a page that left, or notes one that failed; then asks for the next ones."""
        if isinstance(failure.value, HttpError) and failure.value.response.status in _FILM_LEFT:
            self._count_gone()
        else:
            self._stay_as_known(failure.request.cb_kwargs["entry"])  # type: ignore[attr-defined]
            self.miss(explain(failure))
        yield from self.answered()

    def _count_gone(self) -> None:
        self.recorder.counts.rows += 1
        self.recorder.counts.gone += 1
        self.recorder.drop(GONE)

    def _stay_as_known(self, entry: Listed) -> None:
        page = self.memory.recall_one(entry.url)
        if page is not None and page.lines:
            self.recorder.remember(page._replace(rules=""))


def _text(part: Any) -> str:
    return str(part).strip() if isinstance(part, str) else etree.tostring(part, encoding="unicode", with_tail=False).strip()
