"""`ouvoir probe`: what a site says of itself to robots, and a first platform file for it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from crawlers.platform_files.loader import load_any_platform_file
from crawlers.probe.report import ProbeReport
from crawlers.probe.report_text import render_report
from crawlers.probe.runner import run_probe
from domain.common.enums import Blocker
from domain.common.errors import UserError
from tests.crawlers.conftest import PAGES, Site

LINKED = '<title>%s</title><script type="application/ld+json">{"@type": "Movie", "name": "%s", "dateCreated": "2019"}</script>'


@pytest.fixture(autouse=True)
def loopback(rehearsing: None) -> None:
    """Let probes read this machine."""


def run(url: str, **more: Any) -> tuple[ProbeReport, str]:
    report = run_probe(url, lambda _: None, **more)
    text = render_report(report)
    assert "Traceback" not in text and all(char.isprintable() or char == "\n" for char in text)
    return report, text


def loads(report: ProbeReport, folder: Path) -> None:
    assert report.draft is not None
    (folder / f"{report.slug}.toml").write_text(report.draft, encoding="utf-8")
    file = load_any_platform_file(report.slug, folder)
    assert file.legal.blocked_by is Blocker.AGREEMENT and file.legal.blocked


def sitemap(*urls: str) -> str:
    listed = "".join(f"<url><loc>{url}</loc><lastmod>2026-11-01</lastmod></url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'


@pytest.mark.usefixtures("real_launch")
def test_a_list_of_films_gives_a_file_that_reads_it(site: Site, tmp_path: Path) -> None:
    site.set_response("/v1/films", (PAGES / "mubi-browse-films.json").read_bytes(), Content_Type="application/json")
    report, text = run(f"{site.origin}/v1/films")
    loads(report, tmp_path)
    assert report.lists[0].path == "films" and "meta.total" in text
    assert report.rows[0].startswith("9001 · Les Marées hautes · 2018 · Élise Carvalho · 97 min")
    assert site.list_paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/v1/films"]


def test_a_list_is_posted_for_where_the_site_wants_it(site: Site, tmp_path: Path) -> None:
    site.set_response(
        "/search", {"results": [{"id": 1, "title": "Un"}, {"id": 2, "title": "Deux"}]}, Content_Type="application/json"
    )
    report, _ = run(f"{site.origin}/search", body='{"q": ""}', headers={"X-Country": "FR"})
    loads(report, tmp_path)
    assert site.requests[-1][3] == b'{"q": ""}' and site.requests[-1][2]["X-Country"] == "FR"
    source = tomllib.loads(report.draft or "")["source"]
    assert (source["kind"], source["body"], source["headers"]) == ("api", '{"q": ""}', {"X-Country": "FR"})


def test_a_site_of_pages_is_followed_from_robots_to_three_films(site: Site, tmp_path: Path) -> None:
    site.set_response("/robots.txt", f"# Aspiration interdite\nUser-agent: *\nCrawl-delay: 3\nSitemap: {site.origin}/s.xml")
    site.set_response("/s.xml", sitemap(*[f"{site.origin}/film/f-{n}" for n in range(9)], f"{site.origin}/aide"))
    for number in range(9):
        site.set_response(f"/film/f-{number}", LINKED % (f"Film {number}", f"Film {number}"))
    report, text = run(f"{site.origin}/robots.txt")
    loads(report, tmp_path)
    assert [row.split(" · ")[:3] for row in report.rows] == [[f"f-{n}", f"Film {n}", "2019"] for n in range(3)]
    assert "délai demandé : 3 s" in text and "refus possible en toutes lettres : « Aspiration interdite »" in text
    assert "10 adresses, dont 10 avec leur date" in text and "Movie ×1" in text
    assert len(site.list_paths()) == 7  # robots.txt, tdmrep.json, the root, the sitemap, three films


def test_an_embedded_state_gives_the_place_of_the_film(site: Site, tmp_path: Path) -> None:
    site.set_response("/films/un", (PAGES / "generic-nextjs-flight.html").read_bytes())
    report, text = run(f"{site.origin}/films/un")
    loads(report, tmp_path)
    assert tomllib.loads(report.draft or "")["source"]["state"] == "flight" and "état embarqué : flight" in text
    assert len(report.rows) == 1 and "illisible" not in report.rows[0]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/robots.txt", "User-agent: OuVoir\nDisallow: /", "interdite pour OuVoir, permise pour tous"),
        ("/film/un", '<meta name="tdm-reservation" content="1">', "le site réserve la fouille"),
    ],
)
def test_a_site_that_refuses_is_read_no_further(site: Site, path: str, body: str, message: str) -> None:
    site.set_response("/film/un", LINKED % ("Un", "Un"))
    site.set_response(path, body)
    report, text = run(f"{site.origin}/film/un")
    assert message in text and report.draft is None and not report.pages and bool(report.reserved) is (path != "/robots.txt")
    assert set(site.list_paths()) <= {"/robots.txt", "/.well-known/tdmrep.json", "/film/un"}


def test_a_hostile_page_is_told_in_plain_text(site: Site) -> None:
    evil = 'x"\n[source]\nkind="feed"\x1b[31m\u202e<script>'
    states = '<script>window.A = {"title": {"title": [[[[[' + "[" * 5000 + '</script><script id="__NEXT_DATA__">{"a":</script>'
    film = json.dumps({"@type": ["Movie", evil], "name": evil, "director": {"name": evil}})
    site.set_response("/film/un", f'<title>{evil}</title><meta property="og:site_name" content=\'{evil}\'>{states}'
             f'<script type="application/ld+json">{film.replace("</", "")}</script>')  # fmt: skip
    report, text = run(f"{site.origin}/film/un")
    assert "\x1b" not in text and "\u202e" not in text and report.rows
    assert tomllib.loads(report.draft or "")["source"]["kind"] == "pages"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (405, '{"error": "POST"}', "relancer avec --body"),
        (200, "\0", "ce n'est pas"),
    ],
)
def test_nothing_to_read_is_told(site: Site, status: int, body: str, message: str) -> None:
    site.set_response("/x", body, status=status, Content_Type="text/csv")
    report, text = run(f"{site.origin}/x")
    assert message in text and report.draft is None


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://x.example", "http://", "http://a:b@x.example/", "http://[", "http://x.example:0/"]
)
def test_only_a_web_address_is_probed(url: str) -> None:
    with pytest.raises(UserError, match="adresse http"):
        run_probe(url, print)


@pytest.mark.parametrize("contact", ["", "https://cinéma.example/robot"])
def test_a_real_site_is_not_probed_by_a_robot_without_address(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", contact)
    with pytest.raises(UserError, match="OUVOIR_CONTACT"):
        run_probe("https://films.example/", print)


@pytest.mark.parametrize("header", ["User-Agent", "authorization"])
def test_a_probe_keeps_its_identity_and_no_key(header: str) -> None:
    with pytest.raises(UserError, match="en-tête réservé"):
        run_probe("http://127.0.0.1:1/", print, headers={header: "x"})
