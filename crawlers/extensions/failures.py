"""Remember what went wrong in a crawl, and end it when a row cannot be processed."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawlers.extensions.stopper import stop_crawl
from domain.common.errors import UserError

ERROR_FINISH_REASON = "closespider_errorcount"  # the same that Scrapy gives when a callback fails


class FailureRecorder:
    """Keep the French message of the first failure of a spider or of an item pipeline."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.first_failure: str | None = None
        crawler.signals.connect(self.record_spider_error, signal=signals.spider_error)
        crawler.signals.connect(self.record_item_error, signal=signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension of a crawler."""
        return cls(crawler)

    def record_spider_error(self, failure: Failure) -> None:
        """Keep a failure of a callback; Scrapy itself then closes the spider."""
        self._record_failure(failure)

    def record_item_error(self, failure: Failure) -> None:
        """Keep a failure of an item pipeline, and close the spider: what follows could not be stored either."""
        self._record_failure(failure)
        stop_crawl(self._crawler, ERROR_FINISH_REASON)

    def _record_failure(self, failure: Failure) -> None:
        if self.first_failure is None:
            self.first_failure = _describe_error(failure.value)


def _describe_error(error: BaseException | None) -> str:
    """Return the text of a UserError; any other error is a fault of ours, whose trace is in the log."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return "document trop lourd à lire"
    return "erreur interne du collecteur, voir le journal"
