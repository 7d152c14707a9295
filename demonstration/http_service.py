"""Serve an invented service on loopback."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from domain.common.errors import UserError

HOST = "127.0.0.1"
_MAX_BODY = 100_000


@dataclass(frozen=True)
class Request:
    """Represent a request: method, path without the query, query, body."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """Represent a response."""

    body: bytes
    content_type: str
    status: int = 200


RequestHandler = Callable[[Request], Response | None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    handle_path: RequestHandler

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Ignore a client that left before the end; report anything else, a fault of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1  # headers and body leave together: apart, each answer waits 40 ms for an acknowledgement

    def do_GET(self) -> None:
        self._send_reply()

    def do_POST(self) -> None:
        self._send_reply()

    def _send_reply(self) -> None:
        assert isinstance(self.server, _Server)
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length), _MAX_BODY)) if length.isdigit() else b""
        url = urlsplit(self.path)
        reply = self.server.handle_path(Request(self.command, url.path, dict(parse_qsl(url.query)), body))
        reply = reply or Response(b"Page inconnue.\n", "text/plain; charset=utf-8", 404)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by http.server)
        """Write nothing: the terminal is for the demonstration's own messages."""


@contextmanager
def serve_http(port: int, make_handler: Callable[[str], RequestHandler]) -> Iterator[str]:
    """Serve until the block ends, on 127.0.0.1 only; give the origin, which `make_handler` receives too.

    Port 0 takes any free one. Raises UserError when the port is taken.
    """
    try:
        server = _Server((HOST, port), _Handler)
    except (OSError, OverflowError):
        raise UserError(f"port {port} : déjà pris par un autre programme, ou refusé") from None
    origin = f"http://{HOST}:{server.server_port}"
    server.handle_path = make_handler(origin)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
