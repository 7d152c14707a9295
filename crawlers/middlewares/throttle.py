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

from crawlers.middlewares.ssrf import Refused, is_loopback
from domain.common.settings import loopback_delay

LONGEST_DELAY = 60.0
LONGEST_WAIT = 300
BACK_OFF = (5.0, 30.0, 120.0)
WAITS_WHEN_TOLD = 5
_OVERLOADED = (429, 503)
_TIMES = "overloaded_times"
_FIRST = 10_000
_ENDING: set[asyncio.Future[None]] = set()  # a task that nothing holds may vanish; one run a process


class Overloaded(Refused):
    """A request given up: the server says that it is asked too much."""


class Throttle(AutoThrottle):
    """Scrapy's own, which never goes under our delay; here it keeps the site's Crawl-delay too, and lets a 304 lower it.

    The delay runs from the end of an answer, where Scrapy counts it from the request: a slow site has as much rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self._begin_rest, signal=signals.request_left_downloader)

    def _begin_rest(self, request: Request) -> None:
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.lastseen = monotonic()

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        assert self.crawler.engine is not None
        own = self.crawler.engine.downloader.per_slot_settings.get(urlsplit(response.url).hostname or "", {})
        slot.delay = next_delay(slot.delay, latency, max(self.mindelay, own.get("delay", 0.0)), response.status)


def next_delay(previous: float, latency: float, floor: float, status: int) -> float:
    """Seconds before the next request: halfway to the site's own slowness, never under `floor`; errors never lower it."""
    wanted = max(floor, min((previous + latency) / 2, LONGEST_DELAY))
    return wanted if status in (200, 304) else max(wanted, previous)


class PatientWait:
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
        if response.status not in _OVERLOADED:
            return response
        times = request.meta.get(_TIMES, 0)
        wait = next_wait(response, times)
        if wait is None and request.meta.get("may_be_refused"):
            request.meta["dont_retry"] = True
            return response
        if wait is None:
            tries = f"{times + 1} essai{'s' if times else ''}"
            said = f"réponse {response.status} (trop de demandes) après {tries}, collecte arrêtée : {request.url}"
            stop_run(self.crawler, said)
            raise Overloaded(said)
        await asyncio.sleep(wait)
        again = request.replace(dont_filter=True, priority=_FIRST)
        again.meta[_TIMES] = times + 1
        return again


def stop_run(crawler: Crawler, why: str) -> None:
    """Ends the run once the request in hand is over: nothing more is asked of anybody."""
    assert crawler.engine is not None
    if not _ENDING:
        _ENDING.add(asyncio.ensure_future(crawler.engine.close_spider_async(reason=why)))


def next_wait(response: Response, times: int) -> float | None:
    """Seconds to wait after so many refusals of the same request, or None to give up."""
    told = retry_after(response)
    if told is not None:
        return told if told <= LONGEST_WAIT and times < WAITS_WHEN_TOLD else None
    if times >= len(BACK_OFF):
        return None
    rehearsal = loopback_delay() if is_loopback(urlsplit(response.url).hostname or "") else None
    return BACK_OFF[times] if rehearsal is None else min(rehearsal, BACK_OFF[times])


def retry_after(response: Response) -> float | None:
    """Seconds that a Retry-After header asks to wait, given as a number or as a date."""
    told = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
