"""Ask one service whether pages of its own sites are there: politely, one request at a time, reading none of them."""

from types import TracebackType
from typing import Self

import httpx
from anyio.from_thread import start_blocking_portal
from scrapy.robotstxt import ProtegoRobotParser

from crawlers.addresses import is_loopback
from crawlers.identity import ROBOT_NAME, require_identity
from crawlers.link_checker.polite_client import PoliteClient
from crawlers.link_checker.statuses import HEAD_FALLBACK_STATUSES, LinkCheckResult, classify_status, is_home_page
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.platform_files.loader import PlatformFile
from crawlers.robots_rules import MAX_CRAWL_DELAY, ROBOTS_SIZE_LIMIT, get_crawl_delay, truncate_robots
from domain.common.csv_reader import looks_like_html
from domain.common.enums import LinkFinding

_MAX_REDIRECTS = 5
_REQUEST_TIMEOUT = 20.0
_TRANSPORT_ERRORS = (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)  # a time-out is an OSError


class LinkChecker:
    """Check the links of one service. Raises UserError when nobody answers for the robot.

    `timeout` is the most seconds that a request may take, its answer's head included, however slowly it comes.
    """

    def __init__(self, platform: PlatformFile, timeout: float = _REQUEST_TIMEOUT) -> None:
        for host in platform.hosts:
            require_identity(f"https://{host}")
        self._hosts = platform.hosts
        self._robots_parsers: dict[str, ProtegoRobotParser | None] = {}
        self._client = PoliteClient(platform.delay, timeout)
        self._portal_manager = start_blocking_portal()  # a loop of its own, whatever runs where it is called

    def __enter__(self) -> Self:
        self._portal = self._portal_manager.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._portal.call(self._client.close)
        self._portal_manager.__exit__(kind, error, trace)

    def check_link(self, url: str) -> LinkCheckResult:
        """Return what a link gives: by HEAD, then by GET where HEAD is refused or says that there is no such page."""
        return self._portal.call(self._check_link, url)

    async def _check_link(self, url: str) -> LinkCheckResult:
        try:
            result = await self._follow_redirects("HEAD", httpx.URL(url))
            if result.status in HEAD_FALLBACK_STATUSES or result.finding is LinkFinding.GONE:
                result = await self._follow_redirects("GET", httpx.URL(url))
            return result
        except RequestRefusedError:
            return LinkCheckResult(LinkFinding.REFUSED)
        except _TRANSPORT_ERRORS:
            return LinkCheckResult(LinkFinding.FAULT)

    async def _follow_redirects(self, method: str, url: httpx.URL) -> LinkCheckResult:
        """Return the finding on the page at the end of the redirects, which never leave the service's sites."""
        status: int | None = None
        is_home_link = is_home_page(url.path)
        for _ in range(_MAX_REDIRECTS + 1):
            self._require_own_address(url)
            if status is not None and not is_home_link and is_home_page(url.path):
                return LinkCheckResult(LinkFinding.GONE, status)
            if not await self._is_allowed_by_robots(url):
                return LinkCheckResult(LinkFinding.FAULT)
            reply = await self._client.send_request(method, url)
            if reply.location is None:
                return classify_status(reply.status, reply.has_retry_after)
            status = reply.status
            url = url.join(reply.location)
        return LinkCheckResult(LinkFinding.FAULT, status)

    def _require_own_address(self, url: httpx.URL) -> None:
        """Raise RequestRefusedError for an address off the service's sites, not encrypted, with a user or no possible port."""
        is_own = not self._hosts.isdisjoint({url.host, url.raw_host.decode("ascii", "replace")})
        is_encrypted = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
        has_port = 0 < (url.port or 443) < 2**16
        if not is_own or not is_encrypted or url.userinfo or not has_port:
            raise RequestRefusedError(f"adresse refusée : {url}")

    async def _is_allowed_by_robots(self, url: httpx.URL) -> bool:
        """Tell whether robots.txt could be read.

        Raises RequestRefusedError when it forbids the address, or asks for more patience than ours.
        """
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if origin not in self._robots_parsers:
            self._robots_parsers[origin] = await self._fetch_robots(httpx.URL(f"{origin}/robots.txt"))
        parser = self._robots_parsers[origin]
        if parser is None:
            return False
        delay = get_crawl_delay(parser)
        if delay > MAX_CRAWL_DELAY or not parser.allowed(str(url), ROBOT_NAME):
            raise RequestRefusedError(f"robots.txt interdit cette adresse : {url}")
        self._client.set_host_delay(url.host, delay)
        return True

    async def _fetch_robots(self, url: httpx.URL) -> ProtegoRobotParser | None:
        """Return a host's robots.txt, as RFC 9309 says: none (4xx) allows everything, one that cannot be had allows nothing."""
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                self._require_own_address(url)
                reply = await self._client.send_request("GET", url, ROBOTS_SIZE_LIMIT + 1)
                if reply.location is None:
                    break
                url = url.join(reply.location)
        except (RequestRefusedError, *_TRANSPORT_ERRORS):
            return None
        if reply.location is not None or reply.status == 429 or not 200 <= reply.status < 500:
            return None
        has_rules = reply.status < 300 and not looks_like_html(reply.body[:1024].decode("latin-1"))
        return ProtegoRobotParser(truncate_robots(reply.body) if has_rules else b"", None)
