"""The spider that reads feeds and APIs, over the network or in the drop folder."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote, urlsplit

from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.formats.documents import SIZE_LIMIT, Document, UnreadableRow, read_document, read_index
from crawlers.formats.dropped_files import FILE_PREFIX, read_dropped_file
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import DocumentSource
from crawlers.spiders.base import RequestQueueSpider, describe_failure, describe_sign_in_redirect
from crawlers.spiders.pagination import Cursor, build_page_request, get_first_cursor, get_next_cursor, resolve_url
from domain.common.errors import UserError
from domain.common.settings import get_settings

ROWS_LIMIT = 1_000_000


class DocumentSpider(RequestQueueSpider):
    """Reads the documents of a feed or an API, one after the other.

    Each document that an index lists is asked for; one that fails is counted, as any address that says nothing of a film.
    """

    def __init__(self, platform: PlatformFile, source: DocumentSource, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.asked = 0
        self.marks: set[Cursor] = set()
        self.listed: set[str] = set()
        self.last_page: int | None = None

    async def start(self) -> AsyncIterator[Request]:
        """The first document; nothing is asked of anybody when it is a file."""
        if self.source.url.startswith(FILE_PREFIX):
            self._read_dropped_file()
        else:
            yield self._build_request(get_first_cursor(self.source))

    def _read_dropped_file(self) -> None:
        try:
            data = read_dropped_file(self.source.url, get_settings().deposit, SIZE_LIMIT)
            document = read_document(self.platform, self.source, data, self.source.url.removeprefix(FILE_PREFIX))
            self.recorder.record_document(self.source.url, data)
            self._record_rows(document)
        except UserError as problem:  # no answer is being read: nobody else would hear of it
            assert self.crawler.signals is not None
            failure = Failure(problem)  # type: ignore[no-untyped-call]
            self.crawler.signals.send_catch_log(signal=signals.spider_error, failure=failure, response=None, spider=self)

    def _build_request(self, mark: Cursor) -> Request:
        self.asked += 1
        self.marks.add(mark)
        url, body = build_page_request(self.source, mark)
        return Request(
            url,
            method="POST" if body else "GET",
            body=body,
            headers=({"Content-Type": "application/json"} if body else {}) | self.sign_headers(self.source.headers),
            callback=self.parse_document,
            errback=self.abort_run,
            cb_kwargs={"mark": mark},
            dont_filter=True,
            priority=1,
        )

    def parse_document(self, response: Response, mark: Cursor) -> Iterator[Request]:
        """Takes the lines of a document, or asks for those that it lists, then asks for the next one."""
        if elsewhere := describe_sign_in_redirect(response):
            raise UserError(elsewhere)
        indexed = self.source.details is not None
        if indexed:
            document = read_index(self.source, response.body, _get_document_name(response))
        else:
            document = read_document(self.platform, self.source, response.body, _get_document_name(response))
        self._record_page(response, document)
        following = get_next_cursor(self.source.pages, document, mark, self.marks, response.url)
        if indexed:
            self.queue_requests(map(self._build_detail_request, self._list_detail_urls(document, response.url)))
            yield from self.release_requests()
        else:
            self._record_rows(document)
        if following is not None and not self._has_reached_cap():
            yield self._build_request(following)

    def _record_page(self, response: Response, document: Document) -> None:
        """Keeps the trace of a document. Raises Problem for a page given twice: its server does not hear what it is asked."""
        self.record_document(response)
        if document.announced_total is not None:
            self.recorder.counts.announced = document.announced_total
        page = hash(response.body)
        if self.source.pages and document.rows and page == self.last_page:
            raise UserError(f"{_get_document_name(response)} : la même page reçue deux fois de suite, la pagination n'avance pas")
        self.last_page = page

    def _record_rows(self, document: Document) -> None:
        for row in document.rows:
            if isinstance(row, UnreadableRow):
                self.recorder.record_unreadable_row(row.fault)
            else:
                self.recorder.process_row(row, self.platform.site)
            if self.recorder.counts.rows + self.recorder.counts.duplicates > ROWS_LIMIT:
                raise UserError(f"plus de {ROWS_LIMIT} lignes reçues, collecte arrêtée")

    def _has_reached_cap(self) -> bool:
        """Whether no more may be asked; the first time, it is noted."""
        told = f"plafond de {self.platform.politeness.cap_pages} pages atteint"
        capped = self.asked >= self.platform.politeness.cap_pages
        if capped and told not in self.recorder.gaps:
            self.recorder.gaps.append(told)
        return capped

    def _list_detail_urls(self, index: Document, base_url: str) -> list[str]:
        """The new addresses that an index leads to, as many as may be asked. Raises Problem as `miss`."""
        found = []
        for item in index.rows:
            try:
                address = self._get_detail_url(item, base_url)
            except UserError as problem:
                self.recorder.counts.listed += 1
                self.count_failed_request(str(problem))
                continue
            if address in self.listed:
                continue
            self.listed.add(address)
            self.recorder.counts.listed += 1
            if not self._has_reached_cap():
                self.asked += 1
                found.append(address)
        return found

    def _build_detail_request(self, address: str) -> Request:
        headers = self.sign_headers(self.source.headers)
        return Request(address, dont_filter=True, headers=headers, callback=self.parse_detail, errback=self.handle_detail_error)

    def _get_detail_url(self, item: object, base_url: str) -> str:
        """The address that an item of the index leads to. Raises Problem when it leads nowhere."""
        if not isinstance(item, str | int) or isinstance(item, bool) or not str(item).strip() or len(str(item)) > 2000:
            raise UserError("fiche sans adresse ni numéro dans la liste")
        template = self.source.details.url if self.source.details else None
        if template is None:
            return resolve_url(base_url, str(item))
        return template.replace("{item}", quote(str(item).strip(), safe="", errors="replace"))

    def parse_detail(self, response: Response) -> Iterator[Request]:
        """Takes the lines of a document that the index lists, then asks for the next ones."""
        try:
            if elsewhere := describe_sign_in_redirect(response):
                raise UserError(elsewhere)
            document = read_document(self.platform, self.source, response.body, _get_document_name(response), alone=True)
        except UserError as problem:
            self.count_failed_request(str(problem))
        else:
            self.silent = 0
            self.record_document(response)
            self._record_rows(document)
        yield from self.finish_request()

    def handle_detail_error(self, failure: Failure) -> Iterator[Request]:
        """Counts a document that was not had, then asks for the next ones."""
        self.count_failed_request(describe_failure(failure))
        yield from self.finish_request()


def _get_document_name(response: Response) -> str:
    return urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
