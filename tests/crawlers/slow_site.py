"""A threaded site on loopback that counts requests in flight, and answers badly on purpose."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LATENCY = 0.03
GZIP_BOMB = gzip.compress(bytes(2**27))  # 128 MiB of zeros


class SlowSite(ThreadingHTTPServer):
    """Hold what the site saw: the paths in order, when each was requested, and the largest number of requests at one moment."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock, self.ending = threading.Lock(), threading.Event()
        self.paths: list[str] = []
        self.moments: list[float] = []
        self.pending = self.max_pending = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a reader that leaves."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SlowSite

    def do_GET(self) -> None:
        site = self.server
        with site.lock:
            site.paths.append(self.path)
            site.moments.append(time.monotonic())
            site.pending += 1
            site.max_pending = max(site.max_pending, site.pending)
        try:
            time.sleep(LATENCY)
            ways = {
                "endless": self.send_endless_body,
                "drip": self.send_drip,
                "loop": self.send_redirect_loop,
                "flood": self.send_header_flood,
                "bomb": self.send_gzip_bomb,
            }
            ways.get(self.path.split("/")[1], self.send_page)()
        finally:
            with site.lock:
                site.pending -= 1

    def send_page(self) -> None:
        is_page = self.path not in ("/robots.txt", "/.well-known/tdmrep.json")
        self.send_body(200 if is_page else 404, b"<p>un film" if is_page else b"")

    def send_body(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_endless_body(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.ending.is_set():
            self.wfile.write(bytes(2**16))

    def send_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.ending.wait(0.05):
            self.wfile.write(b"x")
            self.wfile.flush()

    def send_redirect_loop(self) -> None:
        self.send_body(302, b"", Location=f"{self.path}x")

    def send_header_flood(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.ending.is_set():
            self.wfile.write(b"X-A: " + b"a" * 2**12 + b"\r\n")

    def send_gzip_bomb(self) -> None:
        self.send_body(200, GZIP_BOMB, Content_Encoding="gzip", Content_Type="text/html")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing."""


@contextmanager
def serve_slow_site() -> Iterator[SlowSite]:
    """Serve it on a free port."""
    with SlowSite() as site:
        thread = threading.Thread(target=site.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield site
        finally:
            site.ending.set()
            site.shutdown()
            thread.join()
