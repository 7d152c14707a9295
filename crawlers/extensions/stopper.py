"""End a crawl before its time, for a reason that its verdict will tell."""

import asyncio
from typing import Self

from scrapy.crawler import Crawler


class CrawlStopper:
    """Close the spider once the request in hand is over; only the first reason counts."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._closing: asyncio.Future[None] | None = None  # a task that nothing holds may vanish

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension of a crawler."""
        return cls(crawler)

    def stop(self, reason: str) -> None:
        """Begin to close the spider: nothing more is requested of anybody."""
        assert self._crawler.engine is not None
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))


def stop_crawl(crawler: Crawler, reason: str) -> None:
    """End a crawl through its `CrawlStopper`."""
    stopper = crawler.get_extension(CrawlStopper)
    assert stopper is not None
    stopper.stop(reason)
