"""The spider that reads feeds and APIs, over the network or in the drop folder."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote, urlsplit

from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.formats.documents import SIZE_LIMIT, Document, Unreadable, read_document, read_index
from crawlers.formats.dropped_files import PREFIX, read_dropped
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import Documents
from crawlers.spiders.base import AddressSpider, explain, sign_in_page
from crawlers.spiders.pagination import Mark, asked_at, completed, first_mark, next_mark
from domain.common.errors import Problem
from domain.common.settings import deposit_folder

LINES_LIMIT = 1_000_000


class DocumentSpider(AddressSpider):
    """Reads the documents of a feed or an API, one after the other.

    Each document that an index lists is asked for; one that fails is counted, as any address that says nothing of a film.
    """

    def __init__(self, platform: PlatformFile, source: Documents, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.asked = 0
        self.marks: set[Mark] = set()
        self.listed: set[str] = set()
        self.last_page: int | None = None

    async def start(self) -> AsyncIterator[Request]:
        """The first document; nothing is asked of anybody when it is a file."""
        if self.source.url.startswith(PREFIX):
            self._read_file()
        else:
            yield self._ask(first_mark(self.source))

    def _read_file(self) -> None:
        try:
            data = read_dropped(self.source.url, deposit_folder(), SIZE_LIMIT)
            document = read_document(self.platform, self.source, data, self.source.url.removeprefix(PREFIX))
            self.recorder.document(self.source.url, data)
            self._take(document)
        except Problem as problem:  # no answer is being read: nobody else would hear of it
            assert self.crawler.signals is not None
            failure = Failure(problem)  # type: ignore[no-untyped-call]
            self.crawler.signals.send_catch_log(signal=signals.spider_error, failure=failure, response=None, spider=self)

    def _ask(self, mark: Mark) -> Request:
        self.asked += 1
        self.marks.add(mark)
        url, body = asked_at(self.source, mark)
        return Request(
            url,
            method="POST" if body else "GET",
            body=body,
            headers=({"Content-Type": "application/json"} if body else {}) | self.signed(self.source.headers),
            callback=self.read,
            errback=self.give_up,
            cb_kwargs={"mark": mark},
            dont_filter=True,
            priority=1,
        )

    def read(self, response: Response, mark: Mark) -> Iterator[Request]:
        """Takes the lines of a document, or asks for those that it lists, then asks for the next one."""
        if elsewhere := sign_in_page(response):
            raise Problem(elsewhere)
        indexed = self.source.details is not None
        if indexed:
            document = read_index(self.source, response.body, _name(response))
        else:
            document = read_document(self.platform, self.source, response.body, _name(response))
        self._note(response, document)
        following = next_mark(self.source.pages, document, mark, self.marks, response.url)
        if indexed:
            self.plan(map(self._ask_detail, self._list_details(document, response.url)))
            yield from self.ask_more()
        else:
            self._take(document)
        if following is not None and not self._is_capped():
            yield self._ask(following)

    def _note(self, response: Response, document: Document) -> None:
        """Keeps the trace of a document. Raises Problem for a page given twice: its server does not hear what it is asked."""
        self.trace(response)
        if document.announced is not None:
            self.recorder.counts.announced = document.announced
        page = hash(response.body)
        if self.source.pages and document.rows and page == self.last_page:
            raise Problem(f"{_name(response)} : la même page reçue deux fois de suite, la pagination n'avance pas")
        self.last_page = page

    def _take(self, document: Document) -> None:
        for row in document.rows:
            if isinstance(row, Unreadable):
                self.recorder.unreadable(row.fault)
            else:
                self.recorder.receive(row, self.platform.site)
            if self.recorder.counts.rows + self.recorder.counts.duplicates > LINES_LIMIT:
                raise Problem(f"plus de {LINES_LIMIT} lignes reçues, collecte arrêtée")

    def _is_capped(self) -> bool:
        """Whether no more may be asked; the first time, it is noted."""
        told = f"plafond de {self.platform.politeness.cap_pages} pages atteint"
        capped = self.asked >= self.platform.politeness.cap_pages
        if capped and told not in self.recorder.gaps:
            self.recorder.gaps.append(told)
        return capped

    def _list_details(self, index: Document, base: str) -> list[str]:
        """The new addresses that an index leads to, as many as may be asked. Raises Problem as `miss`."""
        found = []
        for item in index.rows:
            try:
                address = self._detail(item, base)
            except Problem as problem:
                self.recorder.counts.listed += 1
                self.miss(str(problem))
                continue
            if address in self.listed:
                continue
            self.listed.add(address)
            self.recorder.counts.listed += 1
            if not self._is_capped():
                self.asked += 1
                found.append(address)
        return found

    def _ask_detail(self, address: str) -> Request:
        headers = self.signed(self.source.headers)
        return Request(address, dont_filter=True, headers=headers, callback=self.read_detail, errback=self.miss_detail)

    def _detail(self, item: object, base: str) -> str:
        """The address that an item of the index leads to. Raises Problem when it leads nowhere."""
        if not isinstance(item, str | int) or isinstance(item, bool) or not str(item).strip() or len(str(item)) > 2000:
            raise Problem("fiche sans adresse ni numéro dans la liste")
        template = self.source.details.url if self.source.details else None
        if template is None:
            return completed(base, str(item))
        return template.replace("{item}", quote(str(item).strip(), safe="", errors="replace"))

    def read_detail(self, response: Response) -> Iterator[Request]:
        """Takes the lines of a document that the index lists, then asks for the next ones."""
        try:
            if elsewhere := sign_in_page(response):
                raise Problem(elsewhere)
            document = read_document(self.platform, self.source, response.body, _name(response), alone=True)
        except Problem as problem:
            self.miss(str(problem))
        else:
            self.silent = 0
            self.trace(response)
            self._take(document)
        yield from self.answered()

    def miss_detail(self, failure: Failure) -> Iterator[Request]:
        """Counts a document that was not had, then asks for the next ones."""
        self.miss(explain(failure))
        yield from self.answered()


def _name(response: Response) -> str:
    return urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
