"""Serve an API of any number of invented rows, a thousand a page, on loopback, to measure what a long catalogue costs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE_SIZE = 1000
PLATFORM = """
name = "Longue liste"
operator = "Société inventée"
verified = "sample"
sample = "none"
hosts = ["films.example"]
[legal]
basis = "invented"
evidence = "An invented service, for measuring."
checked_on = 2026-11-22
[source]
kind = "api"
url = "http://127.0.0.1:1/films?page={page}"
pages = {by = "total", path = "pages"}
items = "films"
announced = "total"
[fields]
ref = "id"
title = "title"
year = ["year", "int"]
directors = ["director", "names"]
runtime_min = ["duration", "minutes_from_iso"]
kind = "film"
url = "link"
[[offers]]
access = "rent"
price_cents = ["price", "cents"]
[expect]
fill = {title = 1.0, price_cents = 1.0}
"""


def _make_row(film_id: int) -> dict[str, Any]:
    return {
        "id": f"f{film_id}", "title": f"Le film numéro {film_id}", "year": str(1950 + film_id % 70), "director": "Nom",
        "duration": "PT1H37M", "link": f"https://films.example/film/{film_id}", "price": "2,99 €",
        "summary": "Un texte que personne ne garde. " * 10,
    }  # fmt: skip


def _make_handler(row_count: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pages = parse_qs(urlsplit(self.path).query).get("page")
            first = (int(pages[0]) - 1) * PAGE_SIZE if pages else 0
            films = [_make_row(film_id) for film_id in range(first, min(first + PAGE_SIZE, row_count))]
            body = json.dumps({"films": films, "total": row_count, "pages": -(-row_count // PAGE_SIZE)}).encode()
            self.send_response(200 if pages else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Write nothing."""

    return Handler


@contextmanager
def serve_long_feed(row_count: int, folder: Path) -> Iterator[str]:
    """Serve that many rows, write the platform file `longue` that reads them, and give the server's address."""
    (folder / "longue.toml").write_text(PLATFORM, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(row_count)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
