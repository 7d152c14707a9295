"""One service asked whether pages of its own sites are there: politely, one request at a time, reading none of them."""

import asyncio
import socket
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from anyio.from_thread import start_blocking_portal
from scrapy.robotstxt import ProtegoRobotParser

from crawlers.addresses import is_loopback, is_reachable
from crawlers.identity import ROBOT_NAME, get_request_delay, get_user_agent, require_identity
from crawlers.link_checker.statuses import HEAD_FALLBACK_STATUSES, LinkCheckResult, classify_status, is_home_page
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.platform_files.loader import PlatformFile
from crawlers.robots_rules import MAX_CRAWL_DELAY, ROBOTS_SIZE_LIMIT, get_crawl_delay, truncate_robots
from domain.common.csv_reader import looks_like_html
from domain.common.enums import LinkFinding

_MAX_REDIRECTS = 5
_REQUEST_TIMEOUT = 20.0
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


class _Reply(NamedTuple):
    status: int
    location: str | None
    has_retry_after: bool
    body: bytes


class LinkChecker:
    """Asks one service. Raises Problem when nobody answers for the robot.

    `longest` is the most seconds that a request may take, its answer's head included, however slowly it comes.
    """

    def __init__(self, platform: PlatformFile, timeout: float = _REQUEST_TIMEOUT) -> None:
        for host in platform.hosts:
            require_identity(f"https://{host}")
        self._hosts, self._delay, self._longest = platform.hosts, platform.delay, timeout
        self._rules: dict[str, ProtegoRobotParser | None] = {}
        self._delays: dict[str, float] = {}
        self._free: dict[str, float] = {}
        self._thread = start_blocking_portal()  # a loop of its own, whatever runs where it is called
        self._client = httpx.AsyncClient(
            headers={"User-Agent": get_user_agent(), "Accept-Encoding": "identity"}, timeout=timeout, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # a kept connection would serve another host at the same address
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._loop = self._thread.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call(self._client.aclose)
        self._thread.__exit__(kind, error, trace)

    def check_link(self, url: str) -> LinkCheckResult:
        """What a link gives: by HEAD, then by GET where HEAD is refused or says that there is no such page."""
        return self._loop.call(self._check_link, url)

    async def _check_link(self, url: str) -> LinkCheckResult:
        try:
            answer = await self._follow_redirects("HEAD", httpx.URL(url))
            if answer.status in HEAD_FALLBACK_STATUSES or answer.finding is LinkFinding.GONE:
                answer = await self._follow_redirects("GET", httpx.URL(url))
            return answer
        except RequestRefusedError:
            return LinkCheckResult(LinkFinding.REFUSED)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):  # a time-out is an OSError
            return LinkCheckResult(LinkFinding.FAULT)

    async def _follow_redirects(self, method: str, url: httpx.URL) -> LinkCheckResult:
        """The page at the end of the redirects, which never leave the service's sites."""
        status, leads_home = None, is_home_page(url.path)
        for _ in range(_MAX_REDIRECTS + 1):
            self._require_own_address(url)
            if status is not None and not leads_home and is_home_page(url.path):
                return LinkCheckResult(LinkFinding.GONE, status)
            if not await self._is_allowed_by_robots(url):
                return LinkCheckResult(LinkFinding.FAULT)
            reply = await self._send_request(method, url)
            if reply.location is None:
                return classify_status(reply.status, reply.has_retry_after)
            status, url = reply.status, url.join(reply.location)
        return LinkCheckResult(LinkFinding.FAULT, status)

    def _require_own_address(self, url: httpx.URL) -> None:
        """Raises Refused for an address off the service's sites, not encrypted, that names a user or no possible port."""
        own = {url.host, url.raw_host.decode("ascii", "replace")} & self._hosts
        encrypted = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
        if not own or not encrypted or url.userinfo or not 0 < (url.port or 443) < 2**16:
            raise RequestRefusedError(f"adresse refusée : {url}")

    async def _is_allowed_by_robots(self, url: httpx.URL) -> bool:
        """Whether robots.txt could be read. Raises Refused when it forbids the address, or asks for more patience than ours."""
        place = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if place not in self._rules:
            self._rules[place] = await self._fetch_robots(httpx.URL(f"{place}/robots.txt"))
        rules = self._rules[place]
        if rules is None:
            return False
        delay = get_crawl_delay(rules)
        if delay > MAX_CRAWL_DELAY or not rules.allowed(str(url), ROBOT_NAME):
            raise RequestRefusedError(f"robots.txt interdit cette adresse : {url}")
        self._delays[url.host] = delay
        return True

    async def _fetch_robots(self, url: httpx.URL) -> ProtegoRobotParser | None:
        """A host's robots.txt, as RFC 9309 says: none (4xx) allows everything, one that cannot be had allows nothing."""
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                self._require_own_address(url)
                reply = await self._send_request("GET", url, ROBOTS_SIZE_LIMIT + 1)
                if reply.location is None:
                    break
                url = url.join(reply.location)
        except (RequestRefusedError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return None
        if reply.location is not None or reply.status == 429 or not 200 <= reply.status < 500:
            return None
        known = reply.status < 300 and not looks_like_html(reply.body[:1024].decode("latin-1"))
        return ProtegoRobotParser(truncate_robots(reply.body) if known else b"", None)

    async def _send_request(self, method: str, url: httpx.URL, max_bytes: int = 0) -> _Reply:
        """One request, after the rest that the host is owed; no more than `most` bytes of the answer are read."""
        await asyncio.sleep(self._free.get(url.host, 0.0) - monotonic())
        try:
            async with asyncio.timeout(self._longest):
                response = await self._client.send(await self._build_pinned_request(method, url), stream=True)
                try:
                    body = await _read_first_bytes(response, max_bytes)
                finally:
                    await response.aclose()
        finally:
            rest = get_request_delay(url.host, max(self._delay, self._delays.get(url.host, 0.0)))
            self._free[url.host] = monotonic() + rest
        location = response.headers.get("Location") if response.status_code in _REDIRECT_STATUSES else None
        return _Reply(response.status_code, location, "Retry-After" in response.headers, body)

    async def _build_pinned_request(self, method: str, url: httpx.URL) -> httpx.Request:
        """The request, made to the very address that was found fit. Raises Refused when a name leads to a private one."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
        places = [str(place[4][0]) for place in found]
        if not all(map(is_reachable, places)):
            raise RequestRefusedError(f"adresse locale refusée : {url.host}")
        place = min(places, key=lambda written: ":" in written)
        named = {"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {}
        host = {"Host": url.netloc.decode("ascii")}
        return self._client.build_request(method, url.copy_with(host=place), headers=host, extensions=named)


async def _read_first_bytes(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    if max_bytes:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= max_bytes:
                break
    return bytes(body[:max_bytes])
