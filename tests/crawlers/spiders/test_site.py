"""Web sites collected for real, then collected again: what changed is asked for, and nothing else."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.robotstxt import ProtegoRobotParser
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from crawlers.identity import ROBOT_NAME
from crawlers.platform_files.loader import PlatformFile
from domain.common.enums import Outcome, RunState
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.page_read import PageRead
from domain.models.run import Run, RunIssue
from domain.runs.hold_reasons import format_verdict
from tests.crawlers.conftest import FEED, PAGES, CannedResponse, Collect, Site, WriteFile

NAMES = [f"n{number}" for number in range(20)]
GONE = "This content is no longer available."
OF_PAGES = {
    'kind = "feed"': f'kind = "pages"\npages = \'/film/(?P<ref>[a-z0-9]+)$\'\ngone = "{GONE}"',
    "films.json": "robots.txt",
    'ref = "id"': 'ref = "page.ref"',
    'title = "title"': 'title = ["film.name", "text"]',
    'url = "link"': 'url = "page.url"',
    '["price", "cents"]': '["film.offers[0].price", "cents"]',
    '["films.example"]': '["127.0.0.1"]',
    "min = 2": "min = 2\nmax_drop = 0.5\nmissed = 0.2\ngone = 0.3\nunmapped = 0.2",
}


@pytest.fixture
def platform(site: Site, write_file: WriteFile) -> PlatformFile:
    """Publish a site of twenty films, each with a day of its own in the sitemap and an ETag."""
    site.set_response("/robots.txt", f"Sitemap: {site.origin}/sitemap.xml")
    publish(site, {name: f"2026-01-{10 + rank}" for rank, name in enumerate(NAMES)})
    for name in NAMES:
        put_film(site, name, "2.99")
    return write_file(FEED, OF_PAGES)


def publish(site: Site, days: dict[str, str], *more: str) -> None:
    entries = "".join(f"<url><loc>{site.origin}/film/{name}</loc><lastmod>{day}</lastmod></url>" for name, day in days.items())
    entries += "".join(f"<url><loc>{url}</loc></url>" for url in more)
    site.set_response("/sitemap.xml", f"<urlset>{entries}</urlset>")


def put_film(site: Site, name: str, price: str) -> None:
    film = f'{{"@type": "Movie", "name": "Film {name}", "offers": {{"price": "{price}"}}}}'
    site.set_response(f"/film/{name}", f'<script type="application/ld+json">{film}</script>', ETag=f'"{name}-{price}"')


def requested(site: Site) -> list[str]:
    return [path.removeprefix("/film/") for path in site.list_paths() if path.startswith("/film/")]


def live(engine: Engine, run: Run) -> dict[str, tuple[int | None, bool]]:
    """Return the price of each open offer, and whether this run saw it."""
    with Session(engine) as session:
        rows = session.exec(
            select(Entry.ref, Offer.price_cents, Offer.last_seen).join(Offer).where(col(Offer.closed_at).is_(None))
        )
        return {ref: (price, seen == run.started_at) for ref, price, seen in rows}


def days(names: Iterable[str], **changed: str) -> dict[str, str]:
    return {name: f"2026-01-{10 + NAMES.index(name)}" for name in names} | changed


def test_a_page_whose_day_did_not_change_is_not_asked_for_again(
    site: Site, platform: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    run_once(platform)
    site.requests.clear()
    publish(site, days(NAMES[2:], n5="2026-11-01", new="2026-11-01"))
    put_film(site, "n5", "3.99")
    put_film(site, "new", "2.99")
    run = run_once(platform)
    assert run.state is RunState.ACCEPTED and sorted(requested(site)) == ["n5", "new"]
    assert {name: run.counts[name] for name in ("listed", "carried", "kept", "duplicates")} == {
        "listed": 19, "carried": 17, "kept": 19, "duplicates": 0
    }  # fmt: skip
    expected = (
        dict.fromkeys(NAMES[2:], (299, True)) | dict.fromkeys(NAMES[:2], (299, False)) | {"n5": (399, True), "new": (299, True)}
    )
    assert live(sqlite_engine, run) == expected


def test_a_day_stamped_on_every_page_is_not_believed_and_the_server_is_asked(
    site: Site, platform: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    publish(site, dict.fromkeys(NAMES, "2026-01-01"))
    run_once(platform)
    site.requests.clear()
    for name in NAMES[1:]:
        site.set_response(f"/film/{name}", b"", status=304)
    run = run_once(platform)
    conditions = [headers.get("If-None-Match") for _, path, headers, _ in site.requests if path.startswith("/film/")]
    assert sorted(filter(None, conditions)) == sorted(f'"{name}-2.99"' for name in NAMES)
    assert run.state is RunState.ACCEPTED and run.counts["carried"] == 19 and run.counts["kept"] == 20
    assert live(sqlite_engine, run) == dict.fromkeys(NAMES, (299, True))


def test_a_failed_page_is_no_absence_and_a_page_that_says_its_film_left_is_one(
    site: Site, platform: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    run_once(platform)
    site.responses |= {
        "/film/n1": CannedResponse(f"<h1>{GONE}</h1>".encode()),
        "/film/n2": CannedResponse(status=404),
        "/film/n3": CannedResponse(status=500),
        "/film/n7": CannedResponse(b"<title>captcha</title>"),
        "/film/n9": CannedResponse(status=304),
    }
    changed = ("n1", "n2", "n3", "n7", "n9")
    for attempt in range(2):
        site.requests.clear()
        publish(site, days(NAMES, **dict.fromkeys(changed, "2026-11-01")))
        run = run_once(platform)
        assert (run.state, run.outcome) == (RunState.ACCEPTED, Outcome.COMPLETE), format_verdict(run)
        counts = {name: run.counts[name] for name in ("missed", "unmapped", "gone", "kept", "dropped")}
        assert counts == {"missed": 1, "unmapped": 1, "gone": 2, "kept": 16, "dropped": {"page retirée": 2}}
        assert sorted(set(requested(site))) == [*changed[:4], *(["n9"] if attempt == 0 else [])]
    unseen = dict.fromkeys(("n3", "n7"), (299, False))
    assert live(sqlite_engine, run) == dict.fromkeys([n for n in NAMES if n not in ("n1", "n2")], (299, True)) | unseen


def test_a_server_that_says_nothing_ever_changes_is_not_believed_for_ever(
    site: Site, platform: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    run_once(platform)
    with write_session(sqlite_engine) as session:
        session.exec(update(PageRead).values(read_at=datetime.now(UTC) - timedelta(days=30)))
    site.requests.clear()
    run = run_once(platform)
    conditions = [headers.get("If-None-Match") for _, path, headers, _ in site.requests if path.startswith("/film/")]
    assert conditions == [None] * 20 and run.counts["carried"] == 0


def test_a_page_sent_to_that_of_another_film_is_one_that_left(
    site: Site, platform: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    run_once(platform)
    publish(site, days(NAMES, n1="2026-11-01"))
    site.set_response("/film/n1", b"", status=301, Location="/film/n2")
    run = run_once(platform)
    assert run.state is RunState.ACCEPTED and run.counts["gone"] == 1
    assert live(sqlite_engine, run)["n1"] == (299, False)


def test_too_many_failed_pages_hold_the_run(site: Site, platform: PlatformFile, run_once: Collect) -> None:
    for name in NAMES[::3]:
        site.set_response(f"/film/{name}", "", status=403)
    run = run_once(platform)
    assert run.state is RunState.HELD and run.outcome is Outcome.COMPLETE
    assert format_verdict(run).startswith("7 pages en échec sur 20")


def test_other_sites_are_told_and_never_asked_and_a_cap_makes_the_run_partial(
    site: Site, platform: PlatformFile, run_once: Collect, write_file: WriteFile, sqlite_engine: Engine
) -> None:
    publish(site, days(NAMES), "https://elsewhere.example/film/x", "javascript:alert(1)/film/y", f"{site.origin}/film/n1")
    run = run_once(write_file(FEED, OF_PAGES | {"[expect]": "[politeness]\ncap_pages = 5\n[expect]"}))
    assert run.outcome is Outcome.PARTIAL and "plafond de 5 pages atteint" in format_verdict(run) and len(requested(site)) == 5
    with Session(sqlite_engine) as session:
        issues = session.exec(select(RunIssue).where(RunIssue.kind == "adresse écartée")).all()
    assert [issue.message for issue in issues] == ["adresse hors des sites de la plateforme : https://elsewhere.example/film/x"]


def test_a_state_is_read_in_place_of_structured_data(site: Site, run_once: Collect, write_file: WriteFile) -> None:
    site.set_response("/robots.txt", f"Sitemap: {site.origin}/sitemap.xml")
    publish(site, {"n1": "2026-01-01", "n2": "2026-01-02"})
    for name in ("n1", "n2"):
        site.set_response(f"/film/{name}", (PAGES / "generic-nextjs-flight.html").read_bytes())
    state = {'gone = "': 'state = "flight"\nfilm = "[?film].film | [0]"\ngone = "', "film.name": "film.title"}
    run = run_once(write_file(FEED, OF_PAGES | state))
    assert run.counts["kept"] == 2 and run.counts["filled"]["price_cents"] == 2, format_verdict(run)


def test_the_rules_of_other_robots_are_not_ours() -> None:
    robots = ProtegoRobotParser((PAGES / "generic-robots.txt").read_bytes(), None)
    assert robots.crawl_delay(ROBOT_NAME) == 5
    assert robots.allowed("https://vod.example.fr/films/x", ROBOT_NAME)
    assert not robots.allowed("https://vod.example.fr/api/x", ROBOT_NAME)
