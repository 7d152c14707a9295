"""Fork children from a process that has already imported what a crawl needs: `python -m tests.fork_server DESCRIPTOR`.

A forked child is a process of its own as a launched one is: same arguments, environment, folder, descriptors, session,
signals, exit code and end of the interpreter. What is not exercised: the start of Python, the imports of the child and
`if __name__ == "__main__"`. Tests with the fixture `real_launch` start children as production does.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from scrapy.settings import default_settings
from scrapy.utils.misc import load_object
from sqlalchemy.orm import configure_mappers

from crawlers import politeness

MODULES = (
    "crawlers.crawl_process", "crawlers.middlewares.header_limit", "crawlers.probe.probe_process", "crawlers.spiders.feed",
    "crawlers.spiders.lookup", "crawlers.spiders.site", "domain.models.registry", "price_parser", "psycopg", "scrapy.dupefilters",
    "scrapy.logformatter", "scrapy.squeues", "scrapy.statscollectors", "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite", "tests.crawlers.fetching", "twisted.internet.asyncioreactor", "twisted.web.client",
)  # fmt: skip


def preload_modules() -> None:
    """Import all that a crawl imports, but no reactor: each child installs its own."""
    for module in MODULES:
        importlib.import_module(module)
    for components in (
        politeness.EXTENSIONS, politeness.DOWNLOADER_MIDDLEWARES, politeness.ITEM_PIPELINES,
        default_settings.EXTENSIONS_BASE, default_settings.DOWNLOADER_MIDDLEWARES_BASE, default_settings.SPIDER_MIDDLEWARES_BASE,
    ):  # fmt: skip
        for component in components:
            load_object(component)
    configure_mappers()
    assert "twisted.internet.reactor" not in sys.modules
    gc.collect()
    gc.freeze()


def serve_requests(control: socket.socket) -> dict[str, Any]:
    """Fork a keeper for each request until the tests are gone; return, in a child only, the request that it must serve."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no keeper stays as a zombie
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 4)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return keep_child(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def keep_child(descriptors: list[int]) -> dict[str, Any]:
    """Fork the child and report its end; return, in the child only, the request."""
    with socket.socket(fileno=descriptors[3]) as connection:
        request: dict[str, Any] = json.loads(connection.recv(2**20))
        pid = os.fork()
        if pid == 0:
            become_child(request, descriptors[:3])
            connection.send(b"%d" % os.getpid())
            return request
        for descriptor in descriptors[:3]:
            os.close(descriptor)
        report_end(connection, pid)
    os._exit(0)


def report_end(connection: socket.socket, pid: int) -> None:
    """Report the exit code of the child, then its peak of memory; until it is requested, no other process takes the id."""
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert end is not None
    with suppress(BrokenPipeError):  # the tests may be gone, or want no peak
        connection.send(b"%d" % (end.si_status if end.si_code == os.CLD_EXITED else -end.si_status))
        connection.recv(1)
        connection.send(b"%d" % (os.wait4(pid, 0)[2].ru_maxrss // 1024))


def become_child(request: dict[str, Any], descriptors: list[int]) -> None:
    """Take the session, descriptors, environment, folder and arguments of the request."""
    os.setsid()
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = [request["module"], *request["arguments"]]


if __name__ == "__main__":
    preload_modules()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        served = serve_requests(requests)
    sys.modules[served["module"]].main()
