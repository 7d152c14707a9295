"""What the spiders share: secrets kept, failed requests told, and many addresses asked for one after the other."""

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

from crawlers.extract.mapper import Issue
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.spiders.request_signing import build_auth_header, get_auth, install_secret_filter, redact_text
from domain.common.errors import UserError

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
    """What the spiders share. A Problem raised while reading ends the run as failed.

    A server may echo the secret that signs its requests: whatever is written of an answer goes through `hidden`, here for
    addresses and failures, in `crawlers.crawl_process` for how the run ended.
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

    def __init__(self, platform: PlatformFile, recorder: Recorder) -> None:
        super().__init__()
        self.platform, self.recorder = platform, recorder
        self.auth = get_auth(platform.source)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider of a run, whose logs keep its secret once Scrapy has put its own handler in place."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.hide_secret_in_logs, signal=signals.spider_opened)
        return spider

    def hide_secret_in_logs(self) -> None:
        """Hides the secret, if any, in all that is logged from now on."""
        if self.auth:
            install_secret_filter(self.auth)

    def sign_headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Headers with the signature, if any. Raises Problem when its secret is missing."""
        return headers | (build_auth_header(self.auth, self.platform.slug) if self.auth else {})

    def redact_secret(self, text: str) -> str:
        """A text without the secret."""
        return redact_text(text, self.auth)

    def record_document(self, response: Response) -> None:
        """Keeps the trace of a document."""
        self.recorder.record_document(self.redact_secret(response.url), response.body)

    def abort_run(self, failure: Failure) -> None:
        """Ends the run: a document that the catalogue cannot do without was not had."""
        raise UserError(describe_failure(failure))


class RequestQueueSpider(CatalogueSpider):
    """What spiders of many addresses share. A failed one is counted and told; ten silent ones in a row end the run."""

    def __init__(self, platform: PlatformFile, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.silent = 0
        self._plans: deque[Iterator[Request]] = deque()
        self._asked = 0

    def queue_requests(self, requests: Iterator[Request]) -> None:
        """Adds requests to make after those already planned."""
        self._plans.append(requests)

    def release_requests(self) -> Iterator[Request]:
        """The next requests, few at a time: a hundred thousand waiting ones would fill the memory."""
        while self._plans and self._asked < _MAX_PENDING_REQUESTS:
            if (request := next(self._plans[0], None)) is None:
                self._plans.popleft()
            else:
                self._asked += 1
                yield request

    def finish_request(self) -> Iterator[Request]:
        """The requests that follow, now that a planned one is over."""
        self._asked -= 1
        return self.release_requests()

    def is_idle(self) -> bool:
        """Whether nothing planned is left to ask nor to hear of."""
        return not self._plans and not self._asked

    def count_failed_request(self, message: str) -> None:
        """Counts an address that failed. Raises Problem when it is the tenth silent one in a row."""
        self.recorder.counts.missed += 1
        self.recorder.record_issue(Issue("page en échec", self.redact_secret(message)))
        self.count_page_without_film(message)

    def count_page_without_film(self, message: str) -> None:
        """Counts an address that said nothing of a film. Raises Problem as `miss`."""
        self.silent += 1
        if self.silent >= MAX_CONSECUTIVE_FAILURES:
            raise UserError(f"{MAX_CONSECUTIVE_FAILURES} pages de suite sans film, collecte arrêtée : {message}")


def describe_sign_in_redirect(response: Response) -> str | None:
    """What to say of a request that was redirected to a sign-in page; None for any other."""
    if "redirect_urls" in response.meta and _SIGN_IN_PATH.search(urlsplit(response.url).path):
        return f"renvoi vers une page de connexion : {response.url}"
    return None


def describe_failure(failure: Failure) -> str:
    """Why a request failed, in one French line."""
    error: Any = failure.value
    if isinstance(error, RequestRefusedError):
        return str(error)
    request: Request = failure.request  # type: ignore[attr-defined]
    tries = request.meta.get("retry_times", 0) + 1
    if isinstance(error, HttpError):
        what = f"réponse {error.response.status}"
    else:
        what = next(
            (words for kind, words in _ERROR_MESSAGES.items() if isinstance(error, kind)), f"échec ({type(error).__name__})"
        )
    return f"{what} après {tries} essai{'s' if tries > 1 else ''} : {request.url}"
