"""A service on loopback whose pages come and go, and its file."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from crawlers.platform_files.loader import PlatformFile
from tests.crawlers.conftest import WriteFile

FILM_PATH = "/film/1"


@dataclass
class FakeService:
    """Hold answers by path, as (status, headers) or as a function of the method; what was requested, in order."""

    origin: str = ""
    responses: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    request_times: list[float] = field(default_factory=list)
    user_agents: set[str] = field(default_factory=set)
    robots: tuple[int, bytes] = (404, b"")
    in_flight: int = 0
    max_in_flight: int = 0

    def set_response(self, path: str, status: int, **headers: str) -> None:
        """Set what a path answers to any method."""
        self.responses[path] = lambda method: (status, {name.replace("_", "-"): value for name, value in headers.items()})

    def list_film_requests(self) -> list[str]:
        """Return what was requested, but robots.txt."""
        return [request for request in self.requests if not request.endswith("/robots.txt")]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        service = self.server.service
        service.requests.append(f"{self.command} {self.path}")
        service.request_times.append(time.monotonic())
        service.user_agents.add(self.headers.get("User-Agent", ""))
        service.in_flight += 1
        service.max_in_flight = max(service.max_in_flight, service.in_flight)
        try:
            self._send_answer(service)
        except OSError:
            """Ignore a client that left in a hurry."""
        finally:
            service.in_flight -= 1

    do_HEAD = do_GET  # noqa: N815 (the name http.server calls)

    def _send_answer(self, service: FakeService) -> None:
        self.close_connection = True
        if self.path == "/drip":
            self._drip_header()
            return
        status, headers = service.robots[0], {}
        if self.path != "/robots.txt":
            status, headers = service.responses.get(self.path, lambda _: (404, {}))(self.command)
        body = service.robots[1] if self.path == "/robots.txt" else b"<p>un film"
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _drip_header(self) -> None:
        """Send a head that never ends, a byte at a time, each soon enough for a time-out between two."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1_000:
            self.wfile.write(bytes([byte]))
            time.sleep(0.02)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: FakeService) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


@pytest.fixture
def service() -> Iterator[FakeService]:
    """Serve a service on a free port of loopback."""
    service = FakeService()
    with _Server(service) as server:
        service.origin = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield service
        server.shutdown()
        thread.join()


@pytest.fixture
def platform(write_file: WriteFile) -> PlatformFile:
    """Return the file of that service."""
    return write_file(changes={'hosts = ["films.example"]': 'hosts = ["127.0.0.1"]'})
