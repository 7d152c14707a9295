"""A small web site on loopback, and platform files that read it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Engine

from crawlers.collect import DEADLINE, collect_platform
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.process_runner import launch_module
from domain.models.run import Run
from tests.forked_launch import launch_forked

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "tests" / "pages"
PLATFORMS = ROOT / "data" / "platforms"

LEGAL = """
operator = "Société inventée"
verified = "sample"
sample = "none"
[legal]
basis = "invented"
evidence = "An invented service."
checked_on = 2026-11-22
"""
FEED = """
name = "Liste d'essai"
hosts = ["films.example"]
LEGAL
[source]
kind = "feed"
url = "http://127.0.0.1:1/films.json"
[fields]
ref = "id"
title = "title"
url = "link"
[[offers]]
access = "rent"
price_cents = ["price", "cents"]
[expect]
min = 2
fill = {title = 1.0}
"""


@dataclass(frozen=True)
class CannedResponse:
    """Represent what the site answers at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """Represent a web site: answers by path, and the requests it saw."""

    origin: str = ""
    responses: dict[str, CannedResponse | list[CannedResponse]] = field(default_factory=dict)
    requests: list[tuple[float, str, dict[str, str], bytes]] = field(default_factory=list)

    def set_response(self, path: str, body: object, status: int = 200, **headers: str) -> None:
        """Set the answer of a path; what is neither bytes nor text is sent as JSON."""
        text = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.responses[path] = CannedResponse(text, status, {name.replace("_", "-"): value for name, value in headers.items()})

    def list_paths(self) -> list[str]:
        """Return the paths requested, in order."""
        return [path for _, path, _, _ in self.requests]

    def get_response(self, path: str) -> CannedResponse:
        """Return the answer of a path; of several, each once and the last for ever."""
        response = self.responses.get(path, CannedResponse(status=404))
        if isinstance(response, list):
            return response.pop(0) if len(response) > 1 else response[0]
        return response


def _make_handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            site.requests.append((monotonic(), self.path, dict(self.headers.items()), body))
            answer = site.get_response(self.path)
            self.send_response(answer.status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815 (the name http.server calls)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Log nothing."""

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve a web site on a free port of loopback."""
    site = Site()
    with ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(site)) as server:
        site.origin = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture
def rehearsing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let loopback be collected, without delay, by forked children; logs go to a folder of the test."""
    monkeypatch.setattr("crawlers.process_runner.launch_module", launch_forked)
    monkeypatch.setenv("OUVOIR_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))


@pytest.fixture
def real_launch(rehearsing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start children as production does, not forked."""
    monkeypatch.setattr("crawlers.process_runner.launch_module", launch_module)


WriteFile = Callable[..., PlatformFile]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Return a function that writes a platform file, some of its lines replaced, and loads it."""

    def write(text: str = FEED, changes: dict[str, str] | None = None, slug: str = "essai") -> PlatformFile:
        for old, new in ({"LEGAL": LEGAL} | (changes or {})).items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / f"{slug}.toml").write_text(text, encoding="utf-8")
        return load_platform(slug, tmp_path)

    return write


Collect = Callable[..., Run]


@pytest.fixture
def run_once(sqlite_engine: Engine, tmp_path: Path, site: Site, rehearsing: None) -> Collect:
    """Return a function that collects a platform from the site, in a child process, into a SQLite file."""

    def run(platform: PlatformFile, folder: Path = tmp_path, deadline: float = DEADLINE) -> Run:
        return collect_platform(sqlite_engine, platform, folder, site.origin, lambda _: None, deadline=deadline)

    return run
