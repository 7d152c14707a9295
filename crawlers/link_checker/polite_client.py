"""Send one request at a time to public addresses only, each after the delay that its host is owed."""

import asyncio
import socket
from time import monotonic
from typing import NamedTuple

import httpx

from crawlers.addresses import is_reachable
from crawlers.identity import get_request_delay, get_user_agent
from crawlers.middlewares.ssrf import RequestRefusedError

_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


class Reply(NamedTuple):
    """Hold what matters of an answer; `location` is where it redirects, None when it does not."""

    status: int
    location: str | None
    has_retry_after: bool
    body: bytes


class PoliteClient:
    """Wait between two requests to a host, and connect to the very address that was judged.

    `delay` and `timeout` are in seconds; the timeout counts the head of the answer, however slowly it comes.
    """

    def __init__(self, delay: float, timeout: float) -> None:
        self._delay = delay
        self._timeout = timeout
        self._host_delays: dict[str, float] = {}
        self._free_at: dict[str, float] = {}
        self._client = httpx.AsyncClient(
            headers={"User-Agent": get_user_agent(), "Accept-Encoding": "identity"},
            timeout=timeout,
            trust_env=False,
            # A connection kept alive would serve another host at the same address.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def set_host_delay(self, host: str, delay: float) -> None:
        """Set the delay that a host's robots.txt asks for; the longer of this one and ours applies."""
        self._host_delays[host] = delay

    async def send_request(self, method: str, url: httpx.URL, max_bytes: int = 0) -> Reply:
        """Send one request, after the delay that the host is owed; at most `max_bytes` of the answer's body are read.

        Raises RequestRefusedError for a name that leads to a private address, httpx.HTTPError or OSError when it fails.
        """
        await asyncio.sleep(self._free_at.get(url.host, 0.0) - monotonic())
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.send(await self._build_pinned_request(method, url), stream=True)
                try:
                    body = await _read_first_bytes(response, max_bytes)
                finally:
                    await response.aclose()
        finally:
            delay = max(self._delay, self._host_delays.get(url.host, 0.0))
            self._free_at[url.host] = monotonic() + get_request_delay(url.host, delay)
        location = response.headers.get("Location") if response.status_code in _REDIRECT_STATUSES else None
        return Reply(response.status_code, location, "Retry-After" in response.headers, body)

    async def _build_pinned_request(self, method: str, url: httpx.URL) -> httpx.Request:
        """Return the request, made to the very address that was judged. Raises RequestRefusedError for a private one."""
        host_name = url.raw_host.decode("ascii")
        port = url.port or (443 if url.scheme == "https" else 80)
        resolved = await asyncio.get_running_loop().getaddrinfo(host_name, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in resolved]
        if not all(map(is_reachable, addresses)):
            raise RequestRefusedError(f"adresse locale refusée : {url.host}")
        address = min(addresses, key=lambda text: ":" in text)  # IPv4 first
        extensions = {"sni_hostname": host_name} if url.scheme == "https" else {}
        headers = {"Host": url.netloc.decode("ascii")}
        return self._client.build_request(method, url.copy_with(host=address), headers=headers, extensions=extensions)


async def _read_first_bytes(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    if max_bytes:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= max_bytes:
                break
    return bytes(body[:max_bytes])
