"""Several small web sites at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from tests.crawlers.conftest import CannedResponse, Site, _make_handler


@contextmanager
def serve_sites(path: str, answers: list[CannedResponse]) -> Iterator[list[Site]]:
    """Serve a site for each answer, given at `path`; all have a page at /film."""
    sites = [Site(responses={"/film": CannedResponse(b"<p>"), path: answer}) for answer in answers]
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(site)) for site in sites]
    for site, server in zip(sites, servers, strict=True):
        site.origin = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    try:
        yield sites
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
