"""Read feeds and APIs, over the network or in the drop folder."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote, urlsplit

from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.crawl_run import CrawlRun
from crawlers.formats.documents import SIZE_LIMIT, Document, read_document, read_index
from crawlers.formats.dropped_files import read_dropped_file
from crawlers.identity import FILE_PREFIX
from crawlers.items import RawRow, SpiderOutputs, UnreadableRow
from crawlers.platform_files.sources import DocumentSource
from crawlers.spiders.base import RequestQueueSpider, describe_body, describe_failure, require_no_sign_in
from crawlers.spiders.pagination import Cursor, build_page_request, get_first_cursor, get_next_cursor, resolve_url
from domain.common.errors import UserError
from domain.common.settings import get_settings

ROWS_LIMIT = 1_000_000
_MAX_ITEM_LENGTH = 2000


class DocumentSpider(RequestQueueSpider):
    """Read the documents of a feed or an API, one after the other.

    Each document that an index lists is requested; one that fails is counted, as any address that says nothing of a film.
    """

    def __init__(self, crawl_run: CrawlRun, source: DocumentSource) -> None:
        super().__init__(crawl_run)
        self.source = source
        self._requested_count = 0
        self._row_count = 0
        self._cursors: set[Cursor] = set()
        self._listed_urls: set[str] = set()
        self._last_page_hash: int | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Request the first document; a dropped file is read at once, and nothing is requested of anybody."""
        if self.source.url.startswith(FILE_PREFIX):
            await self._read_dropped_file()
        else:
            yield self._build_request(get_first_cursor(self.source))

    async def _read_dropped_file(self) -> None:
        try:
            data = read_dropped_file(self.source.url, get_settings().deposit, SIZE_LIMIT)
            document = read_document(self.platform, self.source, data, self.source.url.removeprefix(FILE_PREFIX))
            self.crawl_run.record_document(self.source.url, data)
            for item in self._iter_rows(document):
                await self.process_item(item)
        except UserError as error:  # no answer is being read: Scrapy would not tell the other extensions
            assert self.crawler.signals is not None
            failure = Failure(error)  # type: ignore[no-untyped-call]
            self.crawler.signals.send_catch_log(signal=signals.spider_error, failure=failure, response=None, spider=self)

    def _build_request(self, cursor: Cursor) -> Request:
        self._requested_count += 1
        self._cursors.add(cursor)
        url, body = build_page_request(self.source, cursor)
        method, headers = describe_body(body)
        return Request(
            url,
            method=method,
            body=body,
            headers=headers | self.sign_headers(self.source.headers),
            callback=self.parse_document,
            errback=self.abort_run,
            cb_kwargs={"cursor": cursor},
            dont_filter=True,
            priority=1,
        )

    def parse_document(self, response: Response, cursor: Cursor) -> SpiderOutputs:
        """Yield the rows of a document, or requests for the documents that it lists, then the request of the next page."""
        require_no_sign_in(response)
        document = self._read_response(response)
        self._record_page(response, document)
        next_cursor = get_next_cursor(self.source.pages, document, cursor, self._cursors, response.url)
        if self.source.details is not None:
            self.queue_requests(map(self._build_detail_request, self._list_detail_urls(document, response.url)))
            yield from self.release_requests()
        else:
            yield from self._iter_rows(document)
        if next_cursor is not None and not self._has_reached_cap():
            yield self._build_request(next_cursor)

    def _read_response(self, response: Response) -> Document:
        name = _get_document_name(response)
        if self.source.details is not None:
            return read_index(self.source, response.body, name)
        return read_document(self.platform, self.source, response.body, name)

    def _record_page(self, response: Response, document: Document) -> None:
        """Keep the trace of a document. Raises UserError for a page given twice: its server ignores what it is asked."""
        self.record_document(response)
        if document.announced_total is not None:
            self.crawl_run.counts.announced = document.announced_total
        page_hash = hash(response.body)
        if self.source.pages and document.rows and page_hash == self._last_page_hash:
            raise UserError(f"{_get_document_name(response)} : la même page reçue deux fois de suite, la pagination n'avance pas")
        self._last_page_hash = page_hash

    def _iter_rows(self, document: Document) -> Iterator[RawRow | UnreadableRow]:
        """Yield the rows of a document as items. Raises UserError when a run receives more than a million."""
        for row in document.rows:
            self._row_count += 1
            yield row if isinstance(row, UnreadableRow) else RawRow(row, self.platform.site)
            if self._row_count > ROWS_LIMIT:
                raise UserError(f"plus de {ROWS_LIMIT} lignes reçues, collecte arrêtée")

    def _has_reached_cap(self) -> bool:
        """Tell whether no more may be requested, and note it in the run."""
        cap = self.platform.politeness.cap_pages
        if self._requested_count < cap:
            return False
        self.add_gap(f"plafond de {cap} pages atteint")
        return True

    def _list_detail_urls(self, index: Document, base_url: str) -> list[str]:
        """Return the new addresses that an index leads to, as many as may be requested. Raises UserError after ten faults."""
        counts = self.crawl_run.counts
        urls = []
        for item in index.rows:
            try:
                url = self._get_detail_url(item, base_url)
            except UserError as error:
                counts.listed += 1
                self.count_failed_request(str(error))
                continue
            if url in self._listed_urls:
                continue
            self._listed_urls.add(url)
            counts.listed += 1
            if not self._has_reached_cap():
                self._requested_count += 1
                urls.append(url)
        return urls

    def _build_detail_request(self, url: str) -> Request:
        headers = self.sign_headers(self.source.headers)
        return Request(url, dont_filter=True, headers=headers, callback=self.parse_detail, errback=self.handle_detail_error)

    def _get_detail_url(self, item: object, base_url: str) -> str:
        """Return the address that an item of the index leads to. Raises UserError when it leads nowhere."""
        assert self.source.details is not None
        text = str(item).strip() if isinstance(item, str | int) and not isinstance(item, bool) else ""
        if not text or len(str(item)) > _MAX_ITEM_LENGTH:
            raise UserError("fiche sans adresse ni numéro dans la liste")
        template = self.source.details.url
        if template is None:
            return resolve_url(base_url, str(item))
        return template.replace("{item}", quote(text, safe="", errors="replace"))

    def parse_detail(self, response: Response) -> SpiderOutputs:
        """Yield the rows of a document that the index lists, then the next requests."""
        name = _get_document_name(response)
        try:
            require_no_sign_in(response)
            document = read_document(self.platform, self.source, response.body, name, is_detail=True)
        except UserError as error:
            self.count_failed_request(str(error))
        else:
            self.consecutive_failures = 0
            self.record_document(response)
            yield from self._iter_rows(document)
        yield from self.finish_request()

    def handle_detail_error(self, failure: Failure) -> SpiderOutputs:
        """Count a document that was not had, then yield the next requests."""
        self.count_failed_request(describe_failure(failure))
        yield from self.finish_request()


def _get_document_name(response: Response) -> str:
    return urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
