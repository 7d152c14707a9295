"""Read web sites: robots.txt, sitemaps, film pages; those that did not change are not requested again."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse, Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.sitemap import sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawlers.addresses import is_loopback
from crawlers.crawl_run import CrawlRun
from crawlers.extract.mapper import UNKNOWN_WORD, Issue, MappedRow, map_row
from crawlers.formats.sitemaps import SitemapEntry, drop_uniform_lastmod, is_crawlable_url, read_sitemap
from crawlers.items import CarriedPage, CatalogueRow, ReadPage, SpiderOutput, SpiderOutputs, UnreadableRow
from crawlers.platform_files.sources import PageSource
from crawlers.spiders.base import RequestQueueSpider, describe_failure, describe_sign_in_redirect, require_no_sign_in
from crawlers.spiders.film_page import FilmPageReader, UnreadableDataError
from crawlers.spiders.page_history import BATCH_SIZE, PageCache, get_cache_validators
from domain.common.batches import iter_batches
from domain.common.errors import UserError
from domain.runs.page_reads import PageSnapshot

PAGE_SIZE_LIMIT = 4 * 2**20
SITEMAPS_LIMIT = 1000
GONE = "page retirée"
_GONE_STATUSES = (404, 410)


class PageSpider(RequestQueueSpider):
    """Read the film pages that the sitemaps list, and carry over those that did not change.

    The known film of a page that failed, or said nothing of a film, is remembered as it was: it was neither seen nor absent,
    and its offers keep the date when they were last seen (`domain.runs.page_reads`). A page that says its film left is
    forgotten, so that it is requested again next time: two absences come from two answers.
    """

    def __init__(self, crawl_run: CrawlRun, source: PageSource) -> None:
        super().__init__(crawl_run)
        self.source = source
        self._page_cache = PageCache(crawl_run.engine, crawl_run.run_id, self.platform, source.reread_days)
        self._page_reader = FilmPageReader(source)
        self._listed_urls: set[str] = set()
        self._sitemap_count = 0

    async def start(self) -> AsyncIterator[Request]:
        """Request the sitemap, or robots.txt that names it."""
        for request in self._request_sitemaps([self.source.url]):
            yield request

    def _request_sitemaps(self, urls: Sequence[str]) -> Iterator[Request]:
        for url in urls:
            if self._sitemap_count == SITEMAPS_LIMIT:
                self.add_gap(f"plafond de {SITEMAPS_LIMIT} plans de site atteint")
            self._sitemap_count += 1
            if self._sitemap_count <= SITEMAPS_LIMIT:
                yield Request(url, callback=self.parse_sitemap, errback=self.abort_run, dont_filter=True, priority=1)

    def parse_sitemap(self, response: Response) -> SpiderOutputs:
        """Follow a list of addresses: robots.txt, a sitemap index or a sitemap."""
        require_no_sign_in(response)
        self.record_document(response)
        if urlsplit(response.url).path == "/robots.txt":
            yield from self._follow_robots(response)
            return
        sitemap = read_sitemap(response.body, response.url)
        pattern = self.source.sitemaps if sitemap.is_index else self.source.pages
        matching_entries = (entry for entry in sitemap.entries if pattern is None or pattern.search(entry.url))
        new_entries = list(self._filter_new_entries(matching_entries))
        if sitemap.is_index:
            yield from self._request_sitemaps([entry.url for entry in new_entries])
            return
        pages_to_read = drop_uniform_lastmod(self._apply_page_cap(new_entries))
        self.queue_requests(self._iter_page_requests(pages_to_read))
        yield from self.release_requests()

    def _follow_robots(self, response: Response) -> Iterator[Request]:
        """Yield the requests of the sitemaps that a robots.txt names. Raises UserError when it names none."""
        urls = [url for url in sitemap_urls_from_robots(response.body, response.url) if is_crawlable_url(url)]
        if not urls:
            raise UserError(f"robots.txt n'indique aucun plan de site : {response.url}")
        new_entries = self._filter_new_entries(map(SitemapEntry, urls))
        yield from self._request_sitemaps([entry.url for entry in new_entries])

    def _filter_new_entries(self, entries: Iterable[SitemapEntry]) -> Iterator[SitemapEntry]:
        """Yield the addresses of the platform's own sites not listed before, encrypted wherever they are not local."""
        hosts = frozenset(self.settings.getlist("FETCH_HOSTS"))
        for entry in entries:
            parts = urlsplit(entry.url)
            if parts.hostname not in hosts:
                self.crawl_run.record_issue(Issue("adresse écartée", f"adresse hors des sites de la plateforme : {entry.url}"))
                continue
            is_safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
            url = entry.url if is_safe else parts._replace(scheme="https").geturl()
            if len(self._listed_urls) > self.platform.politeness.cap_pages + SITEMAPS_LIMIT:
                return
            if url not in self._listed_urls:
                self._listed_urls.add(url)
                yield SitemapEntry(url, entry.lastmod)

    def _apply_page_cap(self, entries: list[SitemapEntry]) -> list[SitemapEntry]:
        cap = self.platform.politeness.cap_pages
        counts = self.crawl_run.counts
        accepted = entries[: max(0, cap - counts.listed)]
        counts.listed += len(accepted)
        if len(accepted) < len(entries) and counts.listed == cap:
            self.add_gap(f"plafond de {cap} pages atteint")
        return accepted

    def _iter_page_requests(self, entries: list[SitemapEntry]) -> Iterator[SpiderOutput]:
        """Yield the pages that the sitemap says unchanged as carried over, and the requests of the others."""
        for batch in iter_batches(entries, BATCH_SIZE):
            now = datetime.now(UTC)
            cached_pages = self._page_cache.get_pages([entry.url for entry in batch])
            for entry in batch:
                page = cached_pages.get(entry.url)
                if page is not None and self._page_cache.is_unchanged(page, entry, now):
                    yield CarriedPage(page, is_seen=True)
                else:
                    yield self._build_page_request(entry, page)

    def _build_page_request(self, entry: SitemapEntry, page: PageSnapshot | None) -> Request:
        conditions = self._page_cache.build_conditional_headers(page, datetime.now(UTC))
        return Request(
            entry.url,
            headers=conditions,
            callback=self.parse_page,
            errback=self.handle_page_error,
            dont_filter=True,
            cb_kwargs={"entry": entry},
            meta={"download_maxsize": PAGE_SIZE_LIMIT, "handle_httpstatus_list": [304] if conditions else []},
        )

    def parse_page(self, response: Response, entry: SitemapEntry) -> SpiderOutputs:
        """Yield the film of a page, then the next requests."""
        cached_page = self._page_cache.get_page(entry.url) if response.status == 304 else None
        sign_in_message = describe_sign_in_redirect(response)
        if cached_page is not None:
            self.consecutive_failures = 0
            yield CarriedPage(cached_page._replace(lastmod=entry.lastmod), is_seen=True)
        elif sign_in_message is not None:
            yield from self._keep_cached_page(entry)
            self.count_failed_request(sign_in_message)
        elif self._is_gone(response, entry):
            yield self._count_gone_page()
        else:
            yield from self._parse_film_page(response, entry)
        yield from self.finish_request()

    def _is_gone(self, response: Response, entry: SitemapEntry) -> bool:
        """Tell whether the page says that its film left, or was redirected to that of another film, as some sites do."""
        if self._page_reader.has_gone_text(response):
            return True
        is_film_page = self.source.pages.search(response.url) is not None
        is_redirected = "redirect_urls" in response.meta and is_film_page
        return is_redirected and self._page_reader.get_ref(response.url) != self._page_reader.get_ref(entry.url)

    def _parse_film_page(self, response: Response, entry: SitemapEntry) -> SpiderOutputs:
        film = self._extract_film(response)
        if film is None:
            yield from self._handle_page_without_film(response, entry)
            return
        assert isinstance(response, HtmlResponse)
        row = {"film": film, **self._page_reader.build_context(response, entry.url)}
        mapped = map_row(self.platform, row, response.url)
        yield CatalogueRow(mapped)
        if mapped.is_readable:
            self.consecutive_failures = 0
            yield ReadPage(self._build_cached_page(response, entry, mapped))
        else:
            yield from self._keep_cached_page(entry)
            self.count_page_without_film(f"film sans titre ou sans numéro : {response.url}")

    def _handle_page_without_film(self, response: Response, entry: SitemapEntry) -> SpiderOutputs:
        if self._page_reader.has_escaped_gone_text(response):
            yield self._count_gone_page()
            return
        message = f"aucun film dans la page : {response.url}"
        yield UnreadableRow(message)
        yield from self._keep_cached_page(entry)
        self.count_page_without_film(message)

    def _extract_film(self, response: Response) -> dict[str, Any] | None:
        if not isinstance(response, HtmlResponse):
            return None
        try:
            film, broken_message = self._page_reader.extract_film(response)
        except UnreadableDataError as error:
            film, broken_message = None, str(error)
        if broken_message:
            self.crawl_run.record_issue(Issue("données illisibles", f"{broken_message} : {response.url}"))
        return film

    def _build_cached_page(self, response: Response, entry: SitemapEntry, mapped: MappedRow) -> PageSnapshot:
        """Return the page to remember; one with an unknown word is read again, for its run must say so every time."""
        etag, last_modified = get_cache_validators(response)
        entries = []
        if mapped.observation is not None:
            entries.append(mapped.observation.model_dump(mode="json", exclude_defaults=True))
        rules_hash = "" if mapped.has_issue(UNKNOWN_WORD) else self._page_cache.rules_hash
        read_at = datetime.now(UTC)
        return PageSnapshot(entry.url, rules_hash, read_at, entry.lastmod, etag, last_modified, mapped.dropped, entries)

    def handle_page_error(self, failure: Failure) -> SpiderOutputs:
        """Count a page that left, or one that failed; then yield the next requests."""
        error = failure.value
        if isinstance(error, HttpError) and error.response.status in _GONE_STATUSES:
            yield self._count_gone_page()
        else:
            yield from self._keep_cached_page(failure.request.cb_kwargs["entry"])  # type: ignore[attr-defined]
            self.count_failed_request(describe_failure(failure))
        yield from self.finish_request()

    def _count_gone_page(self) -> CatalogueRow:
        self.crawl_run.counts.gone += 1
        return CatalogueRow(MappedRow(dropped=GONE))

    def _keep_cached_page(self, entry: SitemapEntry) -> Iterator[ReadPage]:
        """Yield the page as it was remembered, without its rules, so that it is requested again."""
        page = self._page_cache.get_page(entry.url)
        if page is not None and page.lines:
            yield ReadPage(page._replace(rules_hash=""))
