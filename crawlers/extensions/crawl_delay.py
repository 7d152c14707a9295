"""Slow down with the site's own slowness, and never go under the delay that it asks for."""

from time import monotonic
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

MAX_DELAY = 60.0


class CrawlDelayAutoThrottle(AutoThrottle):
    """Adjust the delay as Scrapy does, but keep the site's Crawl-delay too, and let a 304 lower the delay.

    The delay runs from the end of an answer, where Scrapy counts it from the request: a slow site has as much rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self._restart_delay, signal=signals.request_left_downloader)

    def _restart_delay(self, request: Request) -> None:
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.lastseen = monotonic()

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        assert self.crawler.engine is not None
        host = urlsplit(response.url).hostname or ""
        slot_settings = self.crawler.engine.downloader.per_slot_settings.get(host, {})
        floor = max(self.mindelay, slot_settings.get("delay", 0.0))
        slot.delay = compute_next_delay(slot.delay, latency, floor, response.status)


def compute_next_delay(previous: float, latency: float, floor: float, status: int) -> float:
    """Return the seconds before the next request: halfway to the site's own slowness, never under `floor`.

    Only a success (200, 304) may lower the delay.
    """
    next_delay = max(floor, min((previous + latency) / 2, MAX_DELAY))
    if status in (200, 304):
        return next_delay
    return max(next_delay, previous)
