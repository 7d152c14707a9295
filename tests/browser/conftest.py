"""A real browser before the site; both on loopback."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from domain.common.enums import Complaint
from domain.db.engine import create_db_engine, write_session
from domain.models.reader_report import ReaderReport
from tests.scene import build_scene
from tests.webapp.addresses import REPORT
from tests.webapp.serving import serve_site

OpenPage = Callable[..., Page]
# The first is the same browser without its windows, at a third of the processor.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@contextmanager
def serve_page(page: str) -> Iterator[str]:
    """A small web server of another origin, which gives one page whatever is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """What stands for a service, at the end of an offer's link."""
    with serve_page("<!doctype html><title>Le service</title><h1>Bienvenue au service</h1>") as address:
        yield address


@pytest.fixture(scope="session")
def site(service: str, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site over the scene, by the same server as in production."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("site") / "ouvoir.db")
    engine = create_db_engine(f"sqlite:///{path}")
    now = datetime.now(UTC)
    build_scene(engine, now, service)
    with write_session(engine) as session:
        session.add(ReaderReport(number=REPORT, complaint=Complaint.DEAD_LINK, film_id=1, received_at=now))
    with serve_site(engine) as address:
        yield address
    engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no chromium on this machine: the browser tests cannot run")
    expect.set_options(timeout=15_000)  # a page is slow when every core is at work
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reading_page(browser: Browser, site: str) -> Iterator[Page]:
    """A page that the tests of a file share to read the site; each sets the size and the scheme that it needs."""
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens a page of the site; options are those of a browser context. Closed at the end of the test."""
    contexts = []

    def opened(address: str, **options: object) -> Page:
        contexts.append(browser.new_context(base_url=site, **options))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
