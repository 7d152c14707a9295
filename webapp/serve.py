"""The site put on a port."""

import errno
import signal
import socket
import sys
from typing import Any

import waitress
from flask import Flask
from sqlalchemy import Engine
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from domain.common.errors import UserError
from domain.linking.protocol import ReconcilerFactory
from ingest.contract import MAX_BODY
from webapp.app import create_app
from webapp.core.proxy import TrustedProxyMiddleware
from webapp.core.title_index import get_index_manager

_THREADS = 8
_MAX_CONNECTIONS, _IDLE_TIMEOUT = (
    500,
    30,
)  # held at once, seconds: a hundred requests that never end must not shut the door to others
_ERROR_REASONS = {errno.EADDRINUSE: "déjà pris par un autre programme", errno.EACCES: "réservé par le système"}


class _KeepAliveTask(WSGITask):  # type: ignore[misc]
    """Waitress closes the connection after an answer without length, even one that has no body, such as « not modified »."""

    def set_close_on_finish(self) -> None:
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.wrote_header or self.has_body or self.version != "1.1" or asked == "close":
            super().set_close_on_finish()


class _KeepAliveChannel(HTTPChannel):  # type: ignore[misc]
    task_class = _KeepAliveTask


def open_server(engine: Engine, host: str, port: int, reconciler_factory: ReconcilerFactory | None = None) -> Any:
    """The site on a port, as `on_port` gives it."""
    return bind_server(create_app(engine, reconciler_factory), host, port)


def bind_server(application: Flask, host: str, port: int) -> Any:
    """A waitress server that holds the port, ready to `run()`; port 0 takes any free one (`effective_port`).

    Raises Problem when the port cannot be had.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        why = _ERROR_REASONS.get(error.errno or 0, f"impossible à ouvrir sur l'adresse {host}")
        raise UserError(f"port {port} : {why} (--port, ou PORT=… avec make, pour en changer)") from None
    # Waitress would drop what a proxy says before anybody reads it, or believe a single address.
    server = waitress.create_server(
        TrustedProxyMiddleware(application),
        sockets=[listening],
        threads=_THREADS,
        ident=None,
        max_request_body_size=MAX_BODY + 2**20,
        clear_untrusted_proxy_headers=False,
        connection_limit=_MAX_CONNECTIONS,
        channel_timeout=_IDLE_TIMEOUT,
        asyncore_use_poll=True,
    )
    server.channel_class = _KeepAliveChannel
    return server


def run_server(engine: Engine, host: str, port: int, reconciler_factory: ReconcilerFactory | None = None) -> None:
    """Serves the site until it is interrupted or asked to end. Raises Problem when the port cannot be had."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # an end like any other: what was counted is written
    application = create_app(engine, reconciler_factory)
    server = bind_server(application, host, port)
    with application.app_context():
        get_index_manager().prepare_index()
    server.run()
