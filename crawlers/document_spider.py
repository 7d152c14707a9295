"""The spider that reads feeds and APIs."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from crawlers.catalogue_spider import CatalogueSpider, sign_in_page
from crawlers.documents import next_page, read_document
from crawlers.platform_file import PlatformFile
from crawlers.recorder import Recorder
from crawlers.signature import signature
from crawlers.source_tables import Documents
from records.errors import Problem


class DocumentSpider(CatalogueSpider):
    """Reads the documents of a feed or an API, one after the other."""

    def __init__(self, platform: PlatformFile, source: Documents, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The first document."""
        yield self._ask(self.source.pages.first if self.source.pages else 1)

    def _ask(self, page: int) -> Request:
        self.asked += 1
        body = self.source.body
        return Request(
            self.source.url.replace("{page}", str(page)),
            method="POST" if body else "GET",
            body=body.replace("{page}", str(page)) if body else None,
            headers=_headers(self.source, self.platform.slug),
            callback=self.read,
            errback=self.give_up,
            cb_kwargs={"page": page},
            dont_filter=True,
        )

    def read(self, response: Response, page: int) -> Iterator[Request]:
        """Takes the lines of a document, then asks for the next one."""
        if elsewhere := sign_in_page(response):
            raise Problem(elsewhere)
        name = urlsplit(response.url).path.rsplit("/", 1)[-1] or response.url
        document = read_document(self.platform, self.source, response.body, name)
        self.recorder.document(response.url, response.body)
        for fault in document.faults:
            self.recorder.unreadable(fault)
        for row in document.rows:
            self.recorder.receive(row, self.platform.site)
        if document.announced is not None:
            self.recorder.counts.announced = document.announced
        following = next_page(self.source.pages, document, page)
        if following is not None and self.asked >= self.platform.politeness.cap_pages:
            self.recorder.gaps.append(f"plafond de {self.asked} pages atteint")
        elif following is not None:
            yield self._ask(following)


def _headers(source: Documents, slug: str) -> dict[str, str]:
    """The headers of the file, a JSON body's type, and the signature."""
    told = {"Content-Type": "application/json"} if source.body else {}
    return told | source.headers | (signature(source.auth, slug) if source.auth else {})
