"""Wait when a server says that it is asked too much, then give up."""

import asyncio
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.addresses import is_loopback
from crawlers.extensions.stopper import stop_crawl
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.retry_after import parse_retry_after
from domain.common.settings import get_settings
from domain.common.text import format_count

MAX_RETRY_AFTER = 300
BACKOFF_DELAYS = (5.0, 30.0, 120.0)
MAX_RETRY_AFTER_WAITS = 5
_OVERLOAD_STATUSES = (429, 503)
_RETRIES_META_KEY = "overloaded_times"
_RETRY_PRIORITY = 10_000


class ServerOverloadedError(RequestRefusedError):
    """Report a request given up because the server says that it is asked too much."""


class OverloadRetryMiddleware:
    """Wait as long as the server said, or longer and longer; then end the run.

    A request that `may_be_refused` (a search, asked as often as its server likes) is then given its refusal instead.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware of a crawler."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Return the answer, or the same request to be made again. Raises ServerOverloadedError when patience is over."""
        if response.status not in _OVERLOAD_STATUSES:
            return response
        retries = request.meta.get(_RETRIES_META_KEY, 0)
        wait = compute_retry_wait(response, retries)
        if wait is not None:
            await asyncio.sleep(wait)
            retry = request.replace(dont_filter=True, priority=_RETRY_PRIORITY)
            retry.meta[_RETRIES_META_KEY] = retries + 1
            return retry
        if request.meta.get("may_be_refused"):
            request.meta["dont_retry"] = True
            return response
        attempts = format_count(retries + 1, "essai")
        message = f"réponse {response.status} (trop de demandes) après {attempts}, collecte arrêtée : {request.url}"
        stop_crawl(self.crawler, message)
        raise ServerOverloadedError(message)


def compute_retry_wait(response: Response, retries: int) -> float | None:
    """Return the seconds to wait after so many refusals of the same request, or None to give up."""
    requested_wait = get_retry_after(response)
    if requested_wait is not None:
        is_patient = requested_wait <= MAX_RETRY_AFTER and retries < MAX_RETRY_AFTER_WAITS
        if is_patient:
            return requested_wait
        return None
    if retries >= len(BACKOFF_DELAYS):
        return None
    delay = BACKOFF_DELAYS[retries]
    rehearsal_delay = get_settings().loopback_delay
    if rehearsal_delay is not None and is_loopback(urlsplit(response.url).hostname or ""):
        return min(rehearsal_delay, delay)
    return delay


def get_retry_after(response: Response) -> float | None:
    """Return the seconds that the Retry-After header of an answer asks to wait."""
    return parse_retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"))
