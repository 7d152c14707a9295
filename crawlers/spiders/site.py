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

from crawlers.extract.embedded_state import extract_film_from_state
from crawlers.extract.mapper import UNKNOWN_WORD, Issue, MappedRow, map_row
from crawlers.extract.structured_data import extract_film
from crawlers.formats.sitemaps import SitemapEntry, drop_uniform_lastmod, is_crawlable_url, read_sitemap
from crawlers.middlewares.ssrf import is_loopback
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import PageSource
from crawlers.spiders.base import RequestQueueSpider, describe_failure, describe_sign_in_redirect
from crawlers.spiders.page_history import BATCH_SIZE, PageCache, get_cache_validators
from domain.common.errors import UserError
from domain.common.text import format_count
from domain.runs.page_reads import PageSnapshot

PAGE_SIZE_LIMIT = 4 * 2**20
SITEMAPS_LIMIT = 1000
GONE = "page retirée"
_GONE_STATUSES = (404, 410)


class PageSpider(RequestQueueSpider):
    """Reads the film pages that the sitemaps list, and carries over those that did not change.

    The known film of a page that failed, or said nothing of a film, is remembered as it was: it was neither seen nor absent,
    and its offers keep the date when they were last seen (`domain.runs.page_reads.keep_reads`). A page that says its film left
    is forgotten, so that it is asked again next time: two absences come from two answers.
    """

    def __init__(self, platform: PlatformFile, source: PageSource, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.memory = PageCache(recorder.engine, recorder.run_id, platform, source.reread_days)
        self.known: set[str] = set()
        self.lists = 0
        self.css = {name: etree.XPath(HTMLTranslator().css_to_xpath(path)) for name, path in source.css.items()}

    async def start(self) -> AsyncIterator[Request]:
        """The sitemap, or robots.txt that names it."""
        for request in self._request_sitemaps([self.source.url]):
            yield request

    def _request_sitemaps(self, urls: Sequence[str]) -> Iterator[Request]:
        for url in urls:
            if self.lists == SITEMAPS_LIMIT:
                self.recorder.gaps.append(f"plafond de {SITEMAPS_LIMIT} plans de site atteint")
            self.lists += 1
            if self.lists <= SITEMAPS_LIMIT:
                yield Request(url, callback=self.parse_sitemap, errback=self.abort_run, dont_filter=True, priority=1)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Follows a list: robots.txt, a sitemap index or a sitemap."""
        if elsewhere := describe_sign_in_redirect(response):
            raise UserError(elsewhere)
        self.record_document(response)
        if urlsplit(response.url).path == "/robots.txt":
            found = [url for url in sitemap_urls_from_robots(response.body, response.url) if is_crawlable_url(url)]
            if not found:
                raise UserError(f"robots.txt n'indique aucun plan de site : {response.url}")
            yield from self._request_sitemaps([entry.url for entry in self._filter_new_entries(map(SitemapEntry, found))])
            return
        sitemap = read_sitemap(response.body, response.url)
        wanted = self.source.sitemaps if sitemap.is_index else self.source.pages
        new = list(self._filter_new_entries(entry for entry in sitemap.entries if wanted is None or wanted.search(entry.url)))
        if sitemap.is_index:
            yield from self._request_sitemaps([entry.url for entry in new])
        else:
            self.queue_requests(self._iter_page_requests(drop_uniform_lastmod(self._apply_page_cap(new))))
            yield from self.release_requests()

    def _filter_new_entries(self, entries: Iterator[SitemapEntry]) -> Iterator[SitemapEntry]:
        """The addresses of the platform's own sites that were not listed before, encrypted wherever they are not local."""
        hosts = frozenset(self.settings.getlist("FETCH_HOSTS"))
        for entry in entries:
            parts = urlsplit(entry.url)
            if parts.hostname not in hosts:
                self.recorder.record_issue(Issue("adresse écartée", f"adresse hors des sites de la plateforme : {entry.url}"))
                continue
            safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
            url = entry.url if safe else parts._replace(scheme="https").geturl()
            if len(self.known) > self.platform.politeness.cap_pages + SITEMAPS_LIMIT:
                return
            if url not in self.known:
                self.known.add(url)
                yield SitemapEntry(url, entry.lastmod)

    def _apply_page_cap(self, new: list[SitemapEntry]) -> list[SitemapEntry]:
        cap, counts = self.platform.politeness.cap_pages, self.recorder.counts
        kept = new[: max(0, cap - counts.listed)]
        if len(kept) < len(new) and counts.listed + len(kept) == cap:
            self.recorder.gaps.append(f"plafond de {cap} pages atteint")
        counts.listed += len(kept)
        return kept

    def _iter_page_requests(self, entries: list[SitemapEntry]) -> Iterator[Request]:
        """Carries over the pages that the sitemap says unchanged; the requests of the others."""
        for start in range(0, len(entries), BATCH_SIZE):
            some, now = entries[start : start + BATCH_SIZE], datetime.now(UTC)
            remembered = self.memory.get_pages([entry.url for entry in some])
            for entry in some:
                page = remembered.get(entry.url)
                if page is not None and self.memory.is_unchanged(page, entry, now):
                    self.recorder.carry_over_page(page, seen=True)
                else:
                    yield self._build_page_request(entry, page)

    def _build_page_request(self, entry: SitemapEntry, page: PageSnapshot | None) -> Request:
        conditions = self.memory.build_conditional_headers(page, datetime.now(UTC))
        return Request(
            entry.url,
            headers=conditions,
            callback=self.parse_page,
            errback=self.handle_page_error,
            dont_filter=True,
            cb_kwargs={"entry": entry},
            meta={"download_maxsize": PAGE_SIZE_LIMIT, "handle_httpstatus_list": [304] if conditions else []},
        )

    def parse_page(self, response: Response, entry: SitemapEntry) -> Iterator[Request]:
        """Takes the film of a page, then asks for the next ones."""
        if response.status == 304 and (page := self.memory.get_page(entry.url)):
            self.recorder.carry_over_page(page._replace(lastmod=entry.lastmod), seen=True)
            self.silent = 0
        elif elsewhere := describe_sign_in_redirect(response):
            self._keep_cached_page(entry)
            self.count_failed_request(elsewhere)
        else:
            self._process_page(response, entry)
        yield from self.finish_request()

    def _process_page(self, response: Response, entry: SitemapEntry) -> None:
        gone = self.source.gone
        page = response if isinstance(response, HtmlResponse) else None
        if page is not None and gone and gone in page.text:
            self._count_gone_page()
            return
        if self._is_redirected_to_other_film(response, entry):
            self._count_gone_page()
            return
        film = self._extract_film(page) if page is not None else None
        if page is not None and film is None and gone and gone in unescape(page.text):
            self._count_gone_page()
            return
        if page is None or film is None:
            self.recorder.record_unreadable_row(f"aucun film dans la page : {response.url}")
            self._keep_cached_page(entry)
            self.count_page_without_film(f"aucun film dans la page : {response.url}")
            return
        mapped = map_row(self.platform, {"film": film, **self._build_page_context(page, entry)}, page.url)
        if self.recorder.process_mapped_row(mapped):
            self.silent = 0
            self.recorder.save_page(self._build_cached_page(response, entry, mapped))
        else:
            self._keep_cached_page(entry)
            self.count_page_without_film(f"film sans titre ou sans numéro : {response.url}")

    def _is_redirected_to_other_film(self, response: Response, entry: SitemapEntry) -> bool:
        """Whether the page was redirected to that of another film, as sites do with those that left."""
        redirected = "redirect_urls" in response.meta and self.source.pages.search(response.url) is not None
        return redirected and self._get_ref(response.url) != self._get_ref(entry.url)

    def _get_ref(self, url: str) -> str:
        """The platform's number in a page's address, or its path."""
        found = self.source.pages.search(url)
        return (found.groupdict().get("ref") if found else None) or urlsplit(url).path

    def _extract_film(self, response: HtmlResponse) -> dict[str, Any] | None:
        if self.source.state is None:
            film, broken = extract_film(response.selector, response.url)
            if broken:
                self.recorder.record_issue(
                    Issue("données illisibles", f"JSON-LD, {format_count(broken, 'bloc illisible')} : {response.url}")
                )
            return film
        try:
            return extract_film_from_state(response.selector, self.source)
        except ValueError as error:
            self.recorder.record_issue(Issue("données illisibles", f"état de la page illisible ({error}) : {response.url}"))
            return None

    def _build_page_context(self, response: HtmlResponse, entry: SitemapEntry) -> dict[str, Any]:
        """The page's address and number, and the values that its HTML alone holds."""
        root = response.selector.root
        css = {name: [_get_node_text(part) for part in path(root)] for name, path in self.css.items()}
        return {"page": {"url": response.url, "ref": self._get_ref(entry.url)}, "css": css}

    def _build_cached_page(self, response: Response, entry: SitemapEntry, mapped: MappedRow) -> PageSnapshot:
        """A page with an unknown word is remembered to be read again: its run must say so every time."""
        etag, modified = get_cache_validators(response)
        lines = [mapped.observation.model_dump(mode="json", exclude_defaults=True)] if mapped.observation else []
        rules = "" if any(issue.kind == UNKNOWN_WORD for issue in mapped.issues) else self.memory.rules
        return PageSnapshot(entry.url, rules, datetime.now(UTC), entry.lastmod, etag, modified, mapped.dropped, lines)

    def handle_page_error(self, failure: Failure) -> Iterator[Request]:
        """Counts a page that left, or notes one that failed; then asks for the next ones."""
        if isinstance(failure.value, HttpError) and failure.value.response.status in _GONE_STATUSES:
            self._count_gone_page()
        else:
            self._keep_cached_page(failure.request.cb_kwargs["entry"])  # type: ignore[attr-defined]
            self.count_failed_request(describe_failure(failure))
        yield from self.finish_request()

    def _count_gone_page(self) -> None:
        self.recorder.counts.rows += 1
        self.recorder.counts.gone += 1
        self.recorder.count_dropped(GONE)

    def _keep_cached_page(self, entry: SitemapEntry) -> None:
        page = self.memory.get_page(entry.url)
        if page is not None and page.lines:
            self.recorder.save_page(page._replace(rules_hash=""))


def _get_node_text(part: Any) -> str:
    return str(part).strip() if isinstance(part, str) else etree.tostring(part, encoding="unicode", with_tail=False).strip()
