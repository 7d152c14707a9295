"""Slowing down: with the site's own slowness, and when it says that it is asked too much."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawlers.middlewares.ssrf import RequestRefusedError, is_loopback
from domain.common.settings import get_settings

MAX_DELAY = 60.0
MAX_RETRY_AFTER = 300
BACKOFF_DELAYS = (5.0, 30.0, 120.0)
MAX_RETRY_AFTER_WAITS = 5
_OVERLOAD_STATUSES = (429, 503)
_RETRIES_META_KEY = "overloaded_times"
_RETRY_PRIORITY = 10_000
_CLOSING_TASKS: set[asyncio.Future[None]] = set()  # a task that nothing holds may vanish; one run a process


class ServerOverloadedError(RequestRefusedError):
    """A request given up: the server says that it is asked too much."""


class CrawlDelayAutoThrottle(AutoThrottle):
    """Scrapy's own, which never goes under our delay; here it keeps the site's Crawl-delay too, and lets a 304 lower it.

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
        own = self.crawler.engine.downloader.per_slot_settings.get(urlsplit(response.url).hostname or "", {})
        slot.delay = compute_next_delay(slot.delay, latency, max(self.mindelay, own.get("delay", 0.0)), response.status)


def compute_next_delay(previous: float, latency: float, floor: float, status: int) -> float:
    """Seconds before the next request: halfway to the site's own slowness, never under `floor`; errors never lower it."""
    wanted = max(floor, min((previous + latency) / 2, MAX_DELAY))
    return wanted if status in (200, 304) else max(wanted, previous)


class OverloadRetryMiddleware:
    """Waits when a server says that it is asked too much: as long as it said, or longer and longer; then ends the run.

    A request that `may_be_refused` (a search, asked as often as its server likes) is then given its refusal instead.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The answer, or the same request to be made again. Raises Overloaded when patience is over."""
        if response.status not in _OVERLOAD_STATUSES:
            return response
        times = request.meta.get(_RETRIES_META_KEY, 0)
        wait = compute_retry_wait(response, times)
        if wait is None and request.meta.get("may_be_refused"):
            request.meta["dont_retry"] = True
            return response
        if wait is None:
            tries = f"{times + 1} essai{'s' if times else ''}"
            said = f"réponse {response.status} (trop de demandes) après {tries}, collecte arrêtée : {request.url}"
            stop_run(self.crawler, said)
            raise ServerOverloadedError(said)
        await asyncio.sleep(wait)
        again = request.replace(dont_filter=True, priority=_RETRY_PRIORITY)
        again.meta[_RETRIES_META_KEY] = times + 1
        return again


def stop_run(crawler: Crawler, why: str) -> None:
    """Ends the run once the request in hand is over: nothing more is asked of anybody."""
    assert crawler.engine is not None
    if not _CLOSING_TASKS:
        _CLOSING_TASKS.add(asyncio.ensure_future(crawler.engine.close_spider_async(reason=why)))


def compute_retry_wait(response: Response, times: int) -> float | None:
    """Seconds to wait after so many refusals of the same request, or None to give up."""
    told = parse_retry_after(response)
    if told is not None:
        return told if told <= MAX_RETRY_AFTER and times < MAX_RETRY_AFTER_WAITS else None
    if times >= len(BACKOFF_DELAYS):
        return None
    rehearsal = get_settings().loopback_delay if is_loopback(urlsplit(response.url).hostname or "") else None
    return BACKOFF_DELAYS[times] if rehearsal is None else min(rehearsal, BACKOFF_DELAYS[times])


def parse_retry_after(response: Response) -> float | None:
    """Seconds that a Retry-After header asks to wait, given as a number or as a date."""
    told = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
