"""Serve the site on a port with Waitress."""

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
# A hundred requests that never end must not keep others out.
_MAX_CONNECTIONS = 500
_IDLE_TIMEOUT = 30  # seconds
_ERROR_REASONS = {errno.EADDRINUSE: "déjà pris par un autre programme", errno.EACCES: "réservé par le système"}


class _KeepAliveTask(WSGITask):  # type: ignore[misc]
    """Keep the connection open after a response without a body, such as « not modified », where Waitress closes it."""

    def set_close_on_finish(self) -> None:
        connection = self.request.headers.get("CONNECTION", "").lower()
        if self.wrote_header or self.has_body or self.version != "1.1" or connection == "close":
            super().set_close_on_finish()


class _KeepAliveChannel(HTTPChannel):  # type: ignore[misc]
    task_class = _KeepAliveTask


def open_server(engine: Engine, host: str, port: int, reconciler_factory: ReconcilerFactory | None = None) -> Any:
    """Return the site bound to a port, as `bind_server` does."""
    return bind_server(create_app(engine, reconciler_factory), host, port)


def bind_server(application: Flask, host: str, port: int) -> Any:
    """Return a Waitress server that holds the port, ready to `run()`; port 0 takes any free one (`effective_port`).

    Raises UserError when the port cannot be had.
    """
    # Waitress would drop what a proxy says before anybody reads it, or believe a single address: TrustedProxyMiddleware reads it.
    server = waitress.create_server(
        TrustedProxyMiddleware(application),
        sockets=[_open_socket(host, port)],
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


def _open_socket(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        default_reason = f"impossible à ouvrir sur l'adresse {host}"
        reason = _ERROR_REASONS.get(error.errno or 0, default_reason)
        raise UserError(f"port {port} : {reason} (--port, ou PORT=… avec make, pour en changer)") from None


def run_server(engine: Engine, host: str, port: int, reconciler_factory: ReconcilerFactory | None = None) -> None:
    """Serve the site until it is interrupted or asked to end. Raises UserError when the port cannot be had."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # an end like any other: pending counts are written
    application = create_app(engine, reconciler_factory)
    server = bind_server(application, host, port)
    with application.app_context():
        get_index_manager().prepare_index()
    server.run()
