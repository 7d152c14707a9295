"""The spider that reads feeds and APIs, over the network or in the drop folder."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote, urlsplit

from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.catalogue_spider import CatalogueSpider, explain, sign_in_page
from crawlers.documents import SIZE_LIMIT, Document, Unreadable, read_document, read_index
from crawlers.dropped_files import PREFIX, read_dropped
from crawlers.mapper import Issue
from crawlers.paging import Mark, asked_at, completed, first_mark, next_mark
from crawlers.platform_file import PlatformFile
from crawlers.recorder import Recorder
from crawlers.signature import hidden_text, keep_out_of_logs, signature
from crawlers.source_tables import Documents
from records.errors import Problem
from records.settings import deposit_folder

PATIENCE = 10
LINES_LIMIT = 1_000_000


class DocumentSpider(CatalogueSpider):
    """Reads the documents of a feed or an API, one after the other.

    Each document that an index lists is asked for; one that fails is counted, ten in a row end the run.
    """

    def __init__(self, platform: PlatformFile, source: Documents, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.asked = 0
        self.marks: set[Mark] = set()
        self.listed: set[str] = set()
        self.failed_in_a_row = 0
        self.last_page: int | None = None

    async def start(self) -> AsyncIterator[Request]:
        """The first document; nothing is asked of anybody when it is a file."""
        if self.source.auth:
            keep_out_of_logs(self.source.auth)
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
            headers=({"Content-Type": "application/json"} if body else {}) | self._headers(),
            callback=self.read,
            errback=self.give_up,
            cb_kwargs={"mark": mark},
            dont_filter=True,
            priority=1,
        )

    def _headers(self) -> dict[str, str]:
        """The headers of the file, and the signature."""
        auth = self.source.auth
        return self.source.headers | (signature(auth, self.platform.slug) if auth else {})

    def read(self, response: Response, mark: Mark) -> Iterator[Request]:
        """Takes the lines of a document, or asks for those that it lists, then asks for the next one."""
        if elsewhere := sign_in_page(response):
            raise Problem(self._hidden(elsewhere))
        indexed = self.source.details is not None
        if indexed:
            document = read_index(self.source, response.body, self._name(response))
        else:
            document = read_document(self.platform, self.source, response.body, self._name(response))
        self._note(response, document)
        following = next_mark(self.source.pages, document, mark, self.marks, response.url)
        if indexed:
            yield from self._ask_details(document, response.url)
        else:
            self._take(document)
        if following is not None and not self._is_capped():
            yield self._ask(following)

    def _note(self, response: Response, document: Document) -> None:
        """Keeps the trace of a document. Raises Problem for a page given twice: its server does not hear what it is asked."""
        self.recorder.document(self._hidden(response.url), response.body)
        if document.announced is not None:
            self.recorder.counts.announced = document.announced
        page = hash(response.body)
        if self.source.pages and document.rows and page == self.last_page:
            raise Problem(f"{self._name(response)} : la même page reçue deux fois de suite, la pagination n'avance pas")
        self.last_page = page

    def _take(self, document: Document) -> None:
        for row in document.rows:
            if isinstance(row, Unreadable):
                self.recorder.unreadable(row.fault)
            else:
                self.recorder.receive(row, self.platform.site)
            if self.recorder.counts.rows > LINES_LIMIT:
                raise Problem(f"plus de {LINES_LIMIT} lignes reçues, collecte arrêtée")

    def _is_capped(self) -> bool:
        """Whether no more may be asked; the first time, it is noted."""
        told = f"plafond de {self.platform.politeness.cap_pages} pages atteint"
        capped = self.asked >= self.platform.politeness.cap_pages
        if capped and told not in self.recorder.gaps:
            self.recorder.gaps.append(told)
        return capped

    def _ask_details(self, index: Document, base: str) -> Iterator[Request]:
        for item in index.rows:
            try:
                address = self._detail(item, base)
            except Problem as problem:
                self.recorder.counts.listed += 1
                self._miss(str(problem))
                continue
            if address in self.listed:
                continue
            self.listed.add(address)
            self.recorder.counts.listed += 1
            if not self._is_capped():
                self.asked += 1
                asked = {"headers": self._headers(), "callback": self.read_detail, "errback": self.miss_detail}
                yield Request(address, dont_filter=True, **asked)  # type: ignore[arg-type]

    def _detail(self, item: object, base: str) -> str:
        """The address that an item of the index leads to. Raises Problem when it leads nowhere."""
        if not isinstance(item, str | int) or isinstance(item, bool) or not str(item).strip() or len(str(item)) > 2000:
            raise Problem("fiche sans adresse ni numéro dans la liste")
        template = self.source.details.url if self.source.details else None
        if template is None:
            return completed(base, str(item))
        return template.replace("{item}", quote(str(item).strip(), safe="", errors="replace"))

    def read_detail(self, response: Response) -> None:
        """Takes the lines of a document that the index lists."""
        try:
            if elsewhere := sign_in_page(response):
                raise Problem(self._hidden(elsewhere))
            document = read_document(self.platform, self.source, response.body, self._name(response), alone=True)
        except Problem as problem:
            self._miss(str(problem))
            return
        self.failed_in_a_row = 0
        self.recorder.document(self._hidden(response.url), response.body)
        self._take(document)

    def miss_detail(self, failure: Failure) -> None:
        """Counts a document that was not had."""
        self._miss(self._hidden(explain(failure)))

    def _miss(self, said: str) -> None:
        self.recorder.counts.missed += 1
        self.recorder.warn(Issue("page en échec", said))
        self.failed_in_a_row += 1
        if self.failed_in_a_row >= PATIENCE:
            raise Problem(f"{PATIENCE} fiches de suite en échec, collecte arrêtée : {said}")

    def give_up(self, failure: Failure) -> None:
        """Ends the run: a document that the catalogue cannot do without was not had."""
        raise Problem(self._hidden(explain(failure)))

    def _name(self, response: Response) -> str:
        return self._hidden(urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url)

    def _hidden(self, text: str) -> str:
        return hidden_text(text, self.source.auth)
