"""Collections for real: a site on loopback, a child process, a SQLite file."""

import gzip
import json
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from crawlers.collect import collect_platform
from crawlers.platform_files.loader import load_platform
from domain.common.enums import Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run, RunIssue
from domain.runs.hold_reasons import format_verdict
from tests.crawlers.conftest import FEED, LEGAL, PAGES, PLATFORMS, CannedResponse, Collect, Site, WriteFile

FILMS = [{"id": n, "title": f"Film {n}", "link": f"https://films.example/{n}", "price": "2,99"} for n in (1, 2, 3)]
API = """kind = "api"
body = '{"page": {page}}'
pages = {by = "next", path = "next"}
items = "films"
announced = "total\""""
PAGED = {'kind = "feed"': API}
SITE_OF_PAGES = {
    'kind = "feed"': "kind = \"pages\"\npages = '/film/(?P<ref>[a-z]+)$'\nsitemaps = 'films'\ncss = {price = \".price::text\"}",
    "films.json": "robots.txt",
    'ref = "id"': 'ref = "page.ref"',
    'title = "title"': 'title = ["film.name", "text"]',
    'url = "link"': 'url = "page.url"',
    '["price", "cents"]': '["film.offers[0].price || css.price[0]", "cents"]',
    '["films.example"]': '["127.0.0.1"]',
}
ROBOTS = "User-agent: *\nDisallow: /compte\nCrawl-delay: 1\nSitemap: {origin}/sitemap.xml\n"


def live(engine: Engine) -> list[tuple[str, str, int | None, str | None]]:
    with Session(engine) as session:
        rows = session.exec(select(Entry, Offer).join(Offer)).all()
        return [
            (entry.ref, entry.title, offer.price_cents, offer.url or entry.url) for entry, offer in rows if not offer.closed_at
        ]


def issues(engine: Engine, run: Run) -> list[str]:
    with Session(engine) as session:
        return [issue.message for issue in session.exec(select(RunIssue).where(RunIssue.run_id == run.id))]


def _as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def sitemap(*urls: str, root: str = "urlset") -> str:
    item = {"urlset": "url", "sitemapindex": "sitemap"}[root]
    entries = "".join(f"<{item}><loc>{url}</loc></{item}>" for url in urls)
    return f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'


def build_pages(site: Site) -> None:
    """Return three films, a page that left, a page of another kind; an index, a gzip sitemap."""
    site.set_response("/robots.txt", ROBOTS.format(origin=site.origin))
    site.set_response("/sitemap.xml", sitemap(f"{site.origin}/films.xml.gz", f"{site.origin}/other.xml", root="sitemapindex"))
    urls = [f"{site.origin}/{path}" for path in ("film/un", "film/deux", "film/trois", "film/parti", "serie/un")]
    site.set_response("/films.xml.gz", gzip.compress(sitemap(*urls).encode()))
    linked = '<script type="application/ld+json">{"@type": "Movie", "name": "%s"%s}</script><p class=price>3,99 €</p>'
    site.set_response("/film/un", linked % ("L&eacute;gende", ""))
    site.set_response("/film/deux", linked % ("Deux", ', "offers": {"price": 7.99}'))
    site.set_response("/film/trois", '<div itemscope itemtype="http://schema.org/Movie"><i itemprop="name">Trois</i></div>')


@pytest.mark.usefixtures("real_launch")
def test_a_feed_is_collected_and_accepted(site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine) -> None:
    site.set_response("/films.json", FILMS)
    run = run_once(write_file())
    assert (run.state, run.outcome, format_verdict(run)) == (RunState.ACCEPTED, Outcome.COMPLETE, "")
    assert run.counts["rows"] == run.counts["kept"] == 3 and run.counts["filled"]["price_cents"] == 3
    assert [document["url"] for document in run.documents] == [f"{site.origin}/films.json"]
    assert live(sqlite_engine) == [(str(n), f"Film {n}", 299, f"https://films.example/{n}") for n in (1, 2, 3)]
    assert site.list_paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/films.json"]
    assert {headers["User-Agent"].split("/")[0] for _, _, headers, _ in site.requests} == {"OuVoir"}


def test_orange_as_delivered_in_cp850(site: Site, run_once: Collect, tmp_path: Path) -> None:
    platform = (PLATFORMS / "orange.toml").read_text("utf-8").replace("min = 700", "min = 3")
    (tmp_path / "orange.toml").write_text(platform, encoding="utf-8")
    site.set_response("/catalogue.csv", (PAGES / "orange-vod-partner-cp850.csv").read_bytes())
    run = run_once(load_platform("orange", tmp_path))
    assert run.state is RunState.ACCEPTED and run.counts["dropped"] == {"hors film": 1}
    assert site.list_paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/catalogue.csv"]


def test_pages_of_an_api_are_followed_to_the_last(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    pages = [{"films": FILMS[:2], "next": 2, "total": 3}, {"films": FILMS[2:] + FILMS[:1], "next": None, "total": 3}]
    site.set_response("/films.json", pages[1])
    site.responses["/films.json"] = [CannedResponse(_as_json(page)) for page in pages]
    run = run_once(write_file(FEED, PAGED | {"min = 2": "min = 2\nduplicates = 0.5"}))
    assert run.state is RunState.ACCEPTED and run.counts["kept"] == 3 and run.counts["duplicates"] == 1
    assert [body for _, path, _, body in site.requests if path == "/films.json"] == [b'{"page": 1}', b'{"page": 2}']


def test_fewer_lines_than_announced_are_held(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/films.json", {"films": FILMS, "next": None, "total": 9})
    run = run_once(write_file(FEED, PAGED))
    assert run.state is RunState.HELD and "3 lignes reçues pour 9 annoncées" in format_verdict(run)


def test_a_run_that_meets_its_cap_is_partial(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/films.json", {"films": FILMS, "next": 2})
    run = run_once(write_file(FEED, {**PAGED, "[expect]": "[politeness]\ncap_pages = 1\n[expect]"}))
    assert (run.state, run.outcome) == (RunState.HELD, Outcome.PARTIAL)
    assert format_verdict(run) == "plafond de 1 pages atteint ; collecte incomplète"


def test_a_site_of_pages_is_read_through_its_sitemaps(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    build_pages(site)
    run = run_once(write_file(FEED, SITE_OF_PAGES | {"min = 2": "min = 2\ngone = 0.3"}))
    assert run.state is RunState.ACCEPTED, format_verdict(run)
    assert run.counts["dropped"] == {"page retirée": 1} and len(run.documents) == 3
    prices = {"deux": ("Deux", 799), "trois": ("Trois", None), "un": ("Légende", 399)}
    assert sorted(live(sqlite_engine)) == [(ref, *prices[ref], f"{site.origin}/film/{ref}") for ref in prices]
    assert "/serie/un" not in site.list_paths() and "/other.xml" not in site.list_paths()


def test_crawl_delay_is_kept_where_no_rehearsal_says_otherwise(
    site: Site, write_file: WriteFile, run_once: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUVOIR_LOOPBACK_DELAY")
    site.set_response("/robots.txt", "User-agent: OuVoir\nCrawl-delay: 1.6\n\nUser-agent: *\nDisallow: /")
    site.set_response("/films.json", FILMS)
    assert run_once(write_file()).state is RunState.ACCEPTED
    moments = [moment for moment, *_ in site.requests]
    assert all(later - earlier >= 1.5 for earlier, later in pairwise(moments[1:]))


FAULTS = [
    ("/films.json", CannedResponse(b"<!doctype html><title>captcha</title>"), "films.json : page HTML reçue au lieu d'un JSON"),
    ("/films.json", CannedResponse(b'[{"id": 1, "ti'), "films.json : JSON coupé ou illisible"),
    ("/films.json", CannedResponse(b"[]"), "0 titre gardé, 2 attendus au moins"),
    ("/films.json", CannedResponse(status=500), "réponse 500 après 3 essais : http://127.0.0.1:"),
    ("/films.json", CannedResponse(status=302, headers={"Location": "/login"}), "renvoi vers une page de connexion"),
    ("/films.json", CannedResponse(status=302, headers={"Location": "http://10.0.0.1/"}), "hors des sites de la plateforme"),
    ("/films.json", CannedResponse(b"[]", headers={"tdm-reservation": "1"}), "le site réserve la fouille"),
    ("/films.json", CannedResponse(gzip.compress(bytes(2**27)), headers={"Content-Encoding": "gzip"}), "document trop gros"),
    ("/robots.txt", CannedResponse(b"User-agent: *\nDisallow: /"), "robots.txt interdit cette adresse"),
    ("/robots.txt", CannedResponse(status=503), "robots.txt injoignable"),
]


def test_a_fault_is_told_and_changes_nothing(site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine) -> None:
    platform = write_file()
    site.set_response("/login", "<form>")
    site.set_response("/films.json", FILMS)
    assert run_once(platform).state is RunState.ACCEPTED
    before, usual = live(sqlite_engine), dict(site.responses)
    for path, answer, message in FAULTS:
        site.responses = usual | {path: answer}
        run = run_once(platform)
        assert run.state is RunState.HELD and message in format_verdict(run) and "\n" not in format_verdict(run), format_verdict(
            run
        )
        assert live(sqlite_engine) == before


def test_robots_may_be_redirected(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/robots.txt", "", status=301, Location="/fr/robots")
    site.set_response("/fr/robots", "User-agent: *\nDisallow: /films.json")
    assert "robots.txt interdit" in format_verdict(run_once(write_file()))


def test_a_server_that_says_when_to_come_back_is_waited_for(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    again = CannedResponse(status=429, headers={"Retry-After": "0"})
    site.responses["/films.json"] = [again] * 4 + [CannedResponse(_as_json(FILMS))]
    assert run_once(write_file()).state is RunState.ACCEPTED
    assert site.list_paths().count("/films.json") == 5


def test_ten_silent_pages_in_a_row_end_the_run(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/robots.txt", ROBOTS.format(origin=site.origin))
    names = [chr(97 + rank) for rank in range(26)]
    site.set_response("/sitemap.xml", sitemap(*(f"{site.origin}/film/{name}" for name in names)))
    for name in names:
        site.set_response(f"/film/{name}", "<title>captcha</title>")
    run = run_once(write_file(FEED, SITE_OF_PAGES | {"sitemaps = 'films'\n": ""}))
    assert run.outcome is Outcome.FAILED and format_verdict(run).startswith("10 pages de suite sans film, collecte arrêtée : ")
    assert sum(path.startswith("/film/") for path in site.list_paths()) in (10, 11)  # one may be on its way


def test_loopback_is_refused_without_its_variable(
    site: Site, write_file: WriteFile, run_once: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK")
    run = run_once(write_file())
    assert "adresse locale refusée" in format_verdict(run) and site.requests == []


@pytest.mark.usefixtures("real_launch")
def test_a_child_that_dies_leaves_a_held_run(site: Site, write_file: WriteFile, run_once: Collect, tmp_path: Path) -> None:
    platform = write_file()
    (tmp_path / "essai.toml").write_text("broken")
    run = run_once(platform)
    assert (run.state, run.outcome) == (RunState.HELD, Outcome.FAILED)
    assert format_verdict(run) == f"le collecteur s'est arrêté en panne, code 1 (journal : essai-{run.id}.log)"
    assert (get_settings().var / "logs" / f"essai-{run.id}.log").exists()


@pytest.mark.usefixtures("real_launch")
def test_a_run_over_its_time_is_ended(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/films.json", FILMS)
    run = run_once(write_file(), deadline=0.0)
    assert run.state is RunState.HELD and "elle dépassait le temps permis" in format_verdict(run)


@pytest.mark.usefixtures("real_launch")
def test_an_interrupted_run_is_held_and_its_child_gone(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crawlers.process_runner.wait_for_exit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_once(write_file())
    with Session(sqlite_engine) as session:
        run = session.exec(select(Run)).one()
        assert run.state is RunState.HELD and format_verdict(run).startswith("interrompue avant la fin")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('basis = "invented"', 'basis = "forbidden"', r"essai : collecte interdite \(An invented service"),
        ('verified = "sample"', 'verified = "sample"\nstatus = "closed"', "essai : plateforme fermée"),
        ('kind = "feed"', 'kind = "feed"\nauth = {scheme = "bearer", secret = "NOT_THERE"}', "absente : NOT_THERE"),
    ],
)
def test_a_platform_that_may_not_be_collected_is_registered_and_left_alone(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine, old: str, new: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        run_once(write_file(FEED, {"LEGAL": LEGAL, old: new}))
    with Session(sqlite_engine) as session:
        assert session.exec(select(Platform)).one().slug == "essai" and session.exec(select(Run)).all() == []
    assert site.requests == []


def test_a_blocked_platform_is_only_rehearsed(site: Site, run_once: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = load_platform("orange", PLATFORMS)
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK")
    with pytest.raises(UserError, match="orange : collecte pas encore permise"):
        run_once(platform, PLATFORMS)
    assert site.requests == []


def test_a_blocked_platform_cannot_be_rehearsed_on_a_real_site(site: Site, sqlite_engine: Engine) -> None:
    with pytest.raises(UserError, match="orange : collecte pas encore permise"):
        collect_platform(sqlite_engine, load_platform("orange", PLATFORMS), PLATFORMS, "https://cinema.example", print)


def test_a_real_site_is_not_asked_by_a_robot_without_address(
    write_file: WriteFile, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUVOIR_CONTACT", raising=False)
    with pytest.raises(UserError, match="OUVOIR_CONTACT"):
        collect_platform(sqlite_engine, write_file(), PLATFORMS, "https://cinema.example", print)
