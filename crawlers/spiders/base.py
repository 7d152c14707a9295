"""Share what all spiders need: signed requests, secrets hidden, failures described, long queues of addresses."""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import scrapy
from scrapy import exceptions, signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.crawl_run import CrawlRun
from crawlers.extract.mapper import Issue
from crawlers.items import CatalogueItem, SpiderOutput, SpiderOutputs
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.spiders.request_signing import build_auth_header, get_auth, install_secret_filter, redact_text
from domain.common.errors import UserError
from domain.common.text import format_count

MAX_CONSECUTIVE_FAILURES = 10
_MAX_PENDING_REQUESTS = 4
_SIGN_IN_PATH = re.compile(r"/(login|log-in|signin|sign-in|connexion|identification|auth)(/|$)", re.IGNORECASE)
_ERROR_MESSAGES: dict[type[Exception], str] = {
    exceptions.DownloadTimeoutError: "pas de réponse à temps",
    exceptions.CannotResolveHostError: "nom de site introuvable, ou adresse locale refusée",
    exceptions.DownloadConnectionRefusedError: "connexion refusée",
    exceptions.DownloadCancelledError: "document trop gros",
    exceptions.ResponseDataLossError: "réponse coupée en route",
    exceptions.DownloadFailedError: "connexion coupée",
    exceptions.IgnoreRequest: "document trop gros une fois décompressé",
}


class CatalogueSpider(scrapy.Spider):
    """Collect one platform into a run. A UserError raised while reading ends the run as failed.

    A server may echo the secret that signs its requests: whatever is written of an answer goes through `redact_secret`, here
    for addresses and failures, in `crawlers.crawl_process` for how the run ended.
    """

    name = "catalogue"
    custom_settings = {  # noqa: RUF012 (Scrapy's own way)
        "CONCURRENT_ITEMS": 1,  # Scrapy starts as many tasks at each answer: a hundred cost a third of the time
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it reads the source of a callback at each answer
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        },
    }

    def __init__(self, crawl_run: CrawlRun) -> None:
        super().__init__()
        self.crawl_run = crawl_run
        self.platform = crawl_run.platform
        self.auth = get_auth(self.platform.source)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider of a run, whose logs hide its secret once Scrapy has put its own handler in place."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.hide_secret_in_logs, signal=signals.spider_opened)
        return spider

    def hide_secret_in_logs(self) -> None:
        """Hide the secret, if any, in all that is logged from now on."""
        if self.auth:
            install_secret_filter(self.auth)

    def sign_headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Return the headers with the signature, if any. Raises UserError when its secret is missing."""
        if self.auth is None:
            return headers
        return headers | build_auth_header(self.auth, self.platform.slug)

    def redact_secret(self, text: str) -> str:
        """Return a text without the secret."""
        return redact_text(text, self.auth)

    def record_document(self, response: Response) -> None:
        """Keep the trace of a document."""
        self.crawl_run.record_document(self.redact_secret(response.url), response.body)

    def add_gap(self, message: str) -> None:
        """Note once, in French, what keeps the run from being complete."""
        if message not in self.crawl_run.gaps:
            self.crawl_run.gaps.append(message)

    def abort_run(self, failure: Failure) -> None:
        """End the run: a document that the catalogue cannot do without was not had."""
        raise UserError(describe_failure(failure))

    async def process_item(self, item: CatalogueItem) -> None:
        """Send an item through the pipelines and wait for it: items yielded by `start` would all be processed at once."""
        assert self.crawler.engine is not None
        await self.crawler.engine.scraper.start_itemproc_async(item, response=None)


class RequestQueueSpider(CatalogueSpider):
    """Request many addresses, few at a time. A failed one is counted; ten in a row without a film end the run."""

    def __init__(self, crawl_run: CrawlRun) -> None:
        super().__init__(crawl_run)
        self.consecutive_failures = 0
        self._queues: deque[Iterator[SpiderOutput]] = deque()
        self._pending_requests = 0

    def queue_requests(self, outputs: Iterator[SpiderOutput]) -> None:
        """Add requests, and items that come with them, after those already queued."""
        self._queues.append(outputs)

    def release_requests(self) -> SpiderOutputs:
        """Yield the next requests, four pending at most: a hundred thousand waiting ones would fill the memory."""
        while self._queues and self._pending_requests < _MAX_PENDING_REQUESTS:
            output = next(self._queues[0], None)
            if output is None:
                self._queues.popleft()
                continue
            if isinstance(output, Request):
                self._pending_requests += 1
            yield output

    def finish_request(self) -> SpiderOutputs:
        """Yield the requests that follow, now that a queued one is over."""
        self._pending_requests -= 1
        return self.release_requests()

    def is_idle(self) -> bool:
        """Tell whether nothing queued is left to request or to hear of."""
        return not self._queues and not self._pending_requests

    def count_failed_request(self, message: str) -> None:
        """Count an address that failed. Raises UserError when it is the tenth without a film in a row."""
        self.crawl_run.counts.missed += 1
        self.crawl_run.record_issue(Issue("page en échec", self.redact_secret(message)))
        self.count_page_without_film(message)

    def count_page_without_film(self, message: str) -> None:
        """Count an address that said nothing of a film. Raises UserError when it is the tenth in a row."""
        self.consecutive_failures += 1
        if self.consecutive_failures >= MAX_CONSECUTIVE_FAILURES:
            raise UserError(f"{MAX_CONSECUTIVE_FAILURES} pages de suite sans film, collecte arrêtée : {message}")


def describe_sign_in_redirect(response: Response) -> str | None:
    """Return a message for a request that was redirected to a sign-in page; None for any other."""
    if "redirect_urls" in response.meta and _SIGN_IN_PATH.search(urlsplit(response.url).path):
        return f"renvoi vers une page de connexion : {response.url}"
    return None


def require_no_sign_in(response: Response) -> None:
    """Raise UserError when a request was redirected to a sign-in page."""
    message = describe_sign_in_redirect(response)
    if message is not None:
        raise UserError(message)


def describe_body(body: str | None) -> tuple[str, dict[str, str]]:
    """Return the method and the headers of a request: a body is JSON, and is posted."""
    if body:
        return "POST", {"Content-Type": "application/json"}
    return "GET", {}


def describe_failure(failure: Failure) -> str:
    """Return why a request failed, in one French line."""
    error: Any = failure.value
    if isinstance(error, RequestRefusedError):
        return str(error)
    request: Request = failure.request  # type: ignore[attr-defined]
    attempts = format_count(request.meta.get("retry_times", 0) + 1, "essai")
    return f"{_describe_error(error)} après {attempts} : {request.url}"


def _describe_error(error: Any) -> str:
    if isinstance(error, HttpError):
        return f"réponse {error.response.status}"
    for error_type, message in _ERROR_MESSAGES.items():
        if isinstance(error, error_type):
            return message
    return f"échec ({type(error).__name__})"
