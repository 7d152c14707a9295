"""Measure the widget of partner sites: `python -m bench.widget [--rounds N]`.

A film at ten invented services behind the server of production, and a page of a pretended partner on another origin, whose policy
allows the documented lines only, in Chromium. Prints the bytes of the script and of the data, compressed as the site serves them;
the requests; the layout shift that the browser reports; and the processor's time of the main thread, slowed four times: the
median of the page with the block, less that of the same page with its plain link, opened in turn.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from bench.alone import run_alone
from bench.site import serve_database
from domain.common.enums import Access
from domain.db.engine import create_db_engine, write_session
from domain.db.migrate import upgrade
from tests.browser.conftest import serve_page
from tests.scene import add_film, add_service, make_offer

FILM, SERVICES, CPU_SLOWDOWN, ROUNDS = 1, 10, 4, 25
_AIMS = {"script": 3_000, "data": 2_000, "requests": 2, "shift": 0.0, "main": 20.0}
_ACCESSES = [Access.FREE, Access.SUBSCRIPTION, Access.RENT, Access.RENT, Access.BUY]
_RENDER_METRICS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
_WATCH_SCRIPT = """
  window.shift = 0; window.faults = [];
  document.addEventListener('securitypolicyviolation', (event) => window.faults.push(event.violatedDirective));
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.shift += one.value; }))
    .observe({ type: 'layout-shift', buffered: true });
"""
_SETTLE_MS = 1_200  # milliseconds: long enough for the block to be there, without asking the page whether it is
_LINK = '<a href="https://ouvoir.example/">Où voir ce film légalement</a>'


@dataclass(frozen=True)
class PageLoad:
    """Represent a page opened: milliseconds of script, layout and style; of every task; layout shift, requests to us, faults."""

    parts: float
    tasks: float
    shift: float
    requests: int
    faults: int


def build_database(database: Path) -> None:
    """Fill a new database with one film at ten services, an offer each."""
    engine = create_db_engine(f"sqlite:///{database}")
    upgrade(engine)
    at = datetime.now(UTC) - timedelta(hours=1)
    with write_session(engine) as session:
        add_film(session, FILM, "Un film que dix services proposent", year=1966, directors=["Prénom Nom"])
        for service_id in range(SERVICES):
            access = _ACCESSES[service_id % len(_ACCESSES)]
            cents = 299 + service_id * 10 if access in (Access.RENT, Access.BUY) else None
            offer = make_offer(
                access, cents, quality="HD", languages=["VF"], url=f"https://service-{service_id}.example/films/{FILM}"
            )
            add_service(session, f"service-invente-{service_id}", f"Service inventé numéro {service_id}", at, {FILM: [offer]})
    engine.dispose()


def measure_weights(site: str) -> dict[str, dict[str, int]]:
    """Return the bytes of the script and of the data, for each encoding."""
    addresses = {"script": "/widget/1.0.0/ouvoir.js", "data": f"/widget/v1/film.json?film={FILM}"}
    return {
        name: {encoding: _measure_weight(f"{site}{address}", encoding) for encoding in ("identity", "gzip", "br")}
        for name, address in addresses.items()
    }


def _measure_weight(address: str, encoding: str) -> int:
    with httpx.stream("GET", address, headers={"Accept-Encoding": encoding}) as response:
        response.raise_for_status()
        return sum(len(chunk) for chunk in response.iter_raw())


@contextmanager
def serve_pages(site: str) -> Iterator[tuple[str, str]]:
    """Give the addresses of the partner's page with the widget, and of the same with its plain link."""
    policy = f"default-src 'none'; script-src {site}; connect-src {site}; style-src 'unsafe-inline'"
    style = "<style>ou-voir { display: block; box-sizing: border-box; height: 18em; }</style>"
    head = f'<!doctype html><html lang=fr><meta http-equiv="Content-Security-Policy" content="{policy}"><title>P</title>{style}'
    text = "<h1>Un film</h1>" + "<p>Un paragraphe du <strong>partenaire</strong>.</p>" * 12
    script = f'<script type="module" src="{site}/widget/1.0.0/ouvoir.js"></script>'
    with_block = f'{head}{script}{text}<ou-voir film="{FILM}">{_LINK}</ou-voir>{text}'
    with serve_page(with_block) as block, serve_page(f"{head}{text}<ou-voir>{_LINK}</ou-voir>{text}") as link:
        yield block, link


def open_page(browser: Browser, address: str, site: str, block: bool) -> PageLoad:
    """Open a page with an empty cache, until the widget is there if there is one."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_init_script(_WATCH_SCRIPT)
        page = context.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url) if request.url.startswith(site) else None)
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.goto(address)
        page.wait_for_timeout(_SETTLE_MS)
        metrics = {metric["name"]: metric["value"] for metric in cdp.send("Performance.getMetrics")["metrics"]}
        assert bool(page.locator("ou-voir li").count()) == block, "the block is not there yet"
        return PageLoad(
            parts=1000 * sum(metrics[part] for part in _RENDER_METRICS),
            tasks=1000 * metrics["TaskDuration"],
            shift=_evaluate(page, "window.shift"),
            requests=len(requests),
            faults=int(_evaluate(page, "window.faults.length")),
        )


def _evaluate(page: Page, expression: str) -> Any:
    return page.evaluate(expression)


def _format_row(name: str, value: str, aim: str, is_met: bool) -> str:
    return f"{name:58} {value:>22}  aim {aim:10} {'' if is_met else 'MISSED'}".rstrip()


def format_report(weighed: dict[str, dict[str, int]], blocks: list[PageLoad], links: list[PageLoad]) -> list[str]:
    """Format the table."""
    rows = []
    for name, label in (("script", "script and style"), ("data", "data of a film with 10 offers")):
        sizes = weighed[name]
        value = f"{sizes['br']} br, {sizes['gzip']} gzip"
        rows.append(
            _format_row(f"{label} (bytes; {sizes['identity']} plain)", value, f"≤ {_AIMS[name]}", sizes["gzip"] <= _AIMS[name])
        )
    request_count, shift = max(load.requests for load in blocks), max(load.shift for load in blocks)
    rows.append(_format_row("requests", str(request_count), f"≤ {_AIMS['requests']}", request_count <= _AIMS["requests"]))
    rows.append(_format_row(f"layout shift, worst of {len(blocks)}", f"{shift:g}", "0", shift == 0))
    faults = sum(load.faults for load in blocks)
    rows.append(_format_row("violations of the policy", str(faults), "0", faults == 0))
    for name, attribute in (
        (f"main thread ×{CPU_SLOWDOWN}: script, layout, style (ms)", "parts"),
        ("… every task, the browser's own too", "tasks"),
    ):
        with_block = statistics.median(getattr(load, attribute) for load in blocks)
        with_link = statistics.median(getattr(load, attribute) for load in links)
        cost = with_block - with_link
        value = f"{cost:.1f} ({with_block:.1f} - {with_link:.1f})"
        rows.append(_format_row(name, value, f"≤ {_AIMS['main']:g}", cost <= _AIMS["main"]))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times each page is opened")
    rounds = parser.parse_args().rounds
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "ten.db"
        run_alone(build_database, database)
        with serve_database(database) as site, serve_pages(site) as (block, link), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            open_page(browser, block, site, True)
            with_widget, with_link = [], []
            for _ in range(rounds):
                with_widget.append(open_page(browser, block, site, True))
                with_link.append(open_page(browser, link, site, False))
            print("\n".join(format_report(measure_weights(site), with_widget, with_link)))
            browser.close()


if __name__ == "__main__":
    main()
