"""One service asked whether pages of its own sites are there: politely, one request at a time, reading none of them."""

import asyncio
import socket
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from anyio.from_thread import start_blocking_portal
from scrapy.robotstxt import ProtegoRobotParser

from crawlers.link_checker.statuses import ASKED_AGAIN, Answer, is_home, judge
from crawlers.middlewares.ssrf import Refused, is_loopback, is_reachable
from crawlers.platform_files.loader import PlatformFile
from crawlers.politeness import (
    LONGEST_CRAWL_DELAY,
    ROBOT_NAME,
    ROBOTS_SIZE,
    asked_delay,
    first_lines,
    polite_delay,
    require_identity,
    user_agent,
)
from domain.common.csv_reader import looks_like_html
from domain.common.enums import LinkFinding

_HOPS = 5
_LONGEST = 20.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class _Reply(NamedTuple):
    status: int
    location: str | None
    told_when: bool
    body: bytes


class Asker:
    """Asks one service. Raises Problem when nobody answers for the robot.

    `longest` is the most seconds that a request may take, its answer's head included, however slowly it comes.
    """

    def __init__(self, platform: PlatformFile, longest: float = _LONGEST) -> None:
        for host in platform.hosts:
            require_identity(f"https://{host}")
        self._hosts, self._delay, self._longest = platform.hosts, platform.delay, longest
        self._rules: dict[str, ProtegoRobotParser | None] = {}
        self._delays: dict[str, float] = {}
        self._free: dict[str, float] = {}
        self._thread = start_blocking_portal()  # a loop of its own, whatever runs where it is called
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"}, timeout=longest, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # a kept connection would serve another host at the same address
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._loop = self._thread.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call(self._client.aclose)
        self._thread.__exit__(kind, error, trace)

    def ask(self, url: str) -> Answer:
        """What a link gives: by HEAD, then by GET where HEAD is refused or says that there is no such page."""
        return self._loop.call(self._ask, url)

    async def _ask(self, url: str) -> Answer:
        try:
            answer = await self._follow("HEAD", httpx.URL(url))
            if answer.status in ASKED_AGAIN or answer.finding is LinkFinding.GONE:
                answer = await self._follow("GET", httpx.URL(url))
            return answer
        except Refused:
            return Answer(LinkFinding.REFUSED)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):  # a time-out is an OSError
            return Answer(LinkFinding.FAULT)

    async def _follow(self, method: str, url: httpx.URL) -> Answer:
        """The page at the end of the redirects, which never leave the service's sites."""
        status, leads_home = None, is_home(url.path)
        for _ in range(_HOPS + 1):
            self._check_place(url)
            if status is not None and not leads_home and is_home(url.path):
                return Answer(LinkFinding.GONE, status)
            if not await self._is_allowed(url):
                return Answer(LinkFinding.FAULT)
            reply = await self._once(method, url)
            if reply.location is None:
                return judge(reply.status, reply.told_when)
            status, url = reply.status, url.join(reply.location)
        return Answer(LinkFinding.FAULT, status)

    def _check_place(self, url: httpx.URL) -> None:
        """Raises Refused for an address off the service's sites, not encrypted, that names a user or no possible port."""
        own = {url.host, url.raw_host.decode("ascii", "replace")} & self._hosts
        encrypted = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
        if not own or not encrypted or url.userinfo or not 0 < (url.port or 443) < 2**16:
            raise Refused(f"adresse refusée : {url}")

    async def _is_allowed(self, url: httpx.URL) -> bool:
        """Whether robots.txt could be read. Raises Refused when it forbids the address, or asks for more patience than ours."""
        place = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if place not in self._rules:
            self._rules[place] = await self._read_rules(httpx.URL(f"{place}/robots.txt"))
        rules = self._rules[place]
        if rules is None:
            return False
        delay = asked_delay(rules)
        if delay > LONGEST_CRAWL_DELAY or not rules.allowed(str(url), ROBOT_NAME):
            raise Refused(f"robots.txt interdit cette adresse : {url}")
        self._delays[url.host] = delay
        return True

    async def _read_rules(self, url: httpx.URL) -> ProtegoRobotParser | None:
        """A host's robots.txt, as RFC 9309 says: none (4xx) allows everything, one that cannot be had allows nothing."""
        try:
            for _ in range(_HOPS + 1):
                self._check_place(url)
                reply = await self._once("GET", url, ROBOTS_SIZE + 1)
                if reply.location is None:
                    break
                url = url.join(reply.location)
        except (Refused, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return None
        if reply.location is not None or reply.status == 429 or not 200 <= reply.status < 500:
            return None
        known = reply.status < 300 and not looks_like_html(reply.body[:1024].decode("latin-1"))
        return ProtegoRobotParser(first_lines(reply.body) if known else b"", None)

    async def _once(self, method: str, url: httpx.URL, most: int = 0) -> _Reply:
        """One request, after the rest that the host is owed; no more than `most` bytes of the answer are read."""
        await asyncio.sleep(self._free.get(url.host, 0.0) - monotonic())
        try:
            async with asyncio.timeout(self._longest):
                response = await self._client.send(await self._pinned(method, url), stream=True)
                try:
                    body = await _first(response, most)
                finally:
                    await response.aclose()
        finally:
            rest = polite_delay(url.host, max(self._delay, self._delays.get(url.host, 0.0)))
            self._free[url.host] = monotonic() + rest
        location = response.headers.get("Location") if response.status_code in _REDIRECTS else None
        return _Reply(response.status_code, location, "Retry-After" in response.headers, body)

    async def _pinned(self, method: str, url: httpx.URL) -> httpx.Request:
        """The request, made to the very address that was found fit. Raises Refused when a name leads to a private one."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
        places = [str(place[4][0]) for place in found]
        if not all(map(is_reachable, places)):
            raise Refused(f"adresse locale refusée : {url.host}")
        place = min(places, key=lambda written: ":" in written)
        named = {"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {}
        host = {"Host": url.netloc.decode("ascii")}
        return self._client.build_request(method, url.copy_with(host=place), headers=host, extensions=named)


async def _first(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    if most:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= most:
                break
    return bytes(body[:most])
