"""`ouvoir probe`: what a site says of itself to robots, and a first platform file for it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.platform_file import load_file
from crawlers.probe import ProbeReport, probe, render
from crawlers.probe_draft import pages_pattern, slug_of
from crawlers.probe_guess import as_toml, guess_fields, quoted
from crawlers.probe_lists import read_list
from crawlers.probe_pages import read_page
from crawlers.probe_trees import film_like, longest_list
from records.errors import Problem
from records.vocabulary import Blocker
from tests.crawlers.conftest import PAGES, Site

LINKED = '<title>%s</title><script type="application/ld+json">{"@type": "Movie", "name": "%s", "dateCreated": "2019"}</script>'
KEYS = st.sampled_from(["title", "id", "a-b", "é", "x"]) | st.text(max_size=4)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@pytest.fixture(autouse=True)
def loopback(rehearsing: None) -> None:
    """Every probe of these tests reads this machine alone."""


def run(url: str, **more: Any) -> tuple[ProbeReport, str]:
    report = probe(url, lambda _: None, **more)
    text = render(report)
    assert "Traceback" not in text and all(char.isprintable() or char == "\n" for char in text)
    return report, text


def loads(report: ProbeReport, folder: Path) -> None:
    assert report.draft is not None
    (folder / f"{report.slug}.toml").write_text(report.draft, encoding="utf-8")
    file = load_file(report.slug, folder)
    assert file.legal.blocked_by is Blocker.AGREEMENT and file.legal.blocked


def sitemap(*urls: str) -> str:
    listed = "".join(f"<url><loc>{url}</loc><lastmod>2026-11-01</lastmod></url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'


def test_a_list_of_films_gives_a_file_that_reads_it(site: Site, tmp_path: Path) -> None:
    site.put("/v1/films", (PAGES / "mubi-browse-films.json").read_bytes(), Content_Type="application/json")
    report, text = run(f"{site.origin}/v1/films")
    loads(report, tmp_path)
    assert report.lists[0].path == "films" and "meta.total" in text
    assert report.rows[0].startswith("9001 · Les Marées hautes · 2018 · Élise Carvalho · 97 min")
    assert site.paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/v1/films"]


def test_a_list_is_posted_for_where_the_site_wants_it(site: Site, tmp_path: Path) -> None:
    site.put("/search", {"results": [{"id": 1, "title": "Un"}, {"id": 2, "title": "Deux"}]}, Content_Type="application/json")
    report, _ = run(f"{site.origin}/search", body='{"q": ""}', headers={"X-Country": "FR"})
    loads(report, tmp_path)
    assert site.seen[-1][3] == b'{"q": ""}' and site.seen[-1][2]["X-Country"] == "FR"
    source = tomllib.loads(report.draft or "")["source"]
    assert (source["kind"], source["body"], source["headers"]) == ("api", '{"q": ""}', {"X-Country": "FR"})


def test_a_site_of_pages_is_followed_from_robots_to_three_films(site: Site, tmp_path: Path) -> None:
    site.put("/robots.txt", f"# Aspiration interdite\nUser-agent: *\nCrawl-delay: 3\nSitemap: {site.origin}/s.xml")
    site.put("/s.xml", sitemap(*[f"{site.origin}/film/f-{n}" for n in range(9)], f"{site.origin}/aide"))
    for number in range(9):
        site.put(f"/film/f-{number}", LINKED % (f"Film {number}", f"Film {number}"))
    report, text = run(f"{site.origin}/robots.txt")
    loads(report, tmp_path)
    assert [row.split(" · ")[:3] for row in report.rows] == [[f"f-{n}", f"Film {n}", "2019"] for n in range(3)]
    assert "délai demandé : 3 s" in text and "refus possible en toutes lettres : « Aspiration interdite »" in text
    assert "10 adresses, dont 10 avec leur date" in text and "Movie ×1" in text
    assert len(site.paths()) == 7  # robots.txt, tdmrep.json, the root, the sitemap, three films


def test_an_embedded_state_gives_the_place_of_the_film(site: Site, tmp_path: Path) -> None:
    site.put("/films/un", (PAGES / "generic-nextjs-flight.html").read_bytes())
    report, text = run(f"{site.origin}/films/un")
    loads(report, tmp_path)
    assert tomllib.loads(report.draft or "")["source"]["state"] == "flight" and "état embarqué : flight" in text
    assert len(report.rows) == 1 and "illisible" not in report.rows[0]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/robots.txt", "User-agent: OuVoir\nDisallow: /", "interdite pour OuVoir, permise pour tous"),
        ("/film/un", '<meta name="tdm-reservation" content="1">', "le site réserve la fouille"),
    ],
)
def test_a_site_that_refuses_is_read_no_further(site: Site, path: str, body: str, said: str) -> None:
    site.put("/film/un", LINKED % ("Un", "Un"))
    site.put(path, body)
    report, text = run(f"{site.origin}/film/un")
    assert said in text and report.draft is None and not report.pages
    assert set(site.paths()) <= {"/robots.txt", "/.well-known/tdmrep.json", "/film/un"}


def test_a_hostile_page_is_told_in_plain_text(site: Site) -> None:
    evil = 'x"\n[source]\nkind="feed"\x1b[31m\u202e<script>'
    states = '<script>window.A = {"title": {"title": [[[[[' + "[" * 5000 + '</script><script id="__NEXT_DATA__">{"a":</script>'
    film = json.dumps({"@type": ["Movie", evil], "name": evil, "director": {"name": evil}})
    site.put("/film/un", f'<title>{evil}</title><meta property="og:site_name" content=\'{evil}\'>{states}'
             f'<script type="application/ld+json">{film.replace("</", "")}</script>')  # fmt: skip
    report, text = run(f"{site.origin}/film/un")
    assert "\x1b" not in text and "\u202e" not in text and report.rows
    assert tomllib.loads(report.draft or "")["source"]["kind"] == "pages"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (405, '{"error": "POST"}', "relancer avec --body"),
        (200, "\0", "ce n'est pas"),
    ],
)
def test_nothing_to_read_is_told(site: Site, status: int, body: str, said: str) -> None:
    site.put("/x", body, status=status, Content_Type="text/csv")
    report, text = run(f"{site.origin}/x")
    assert said in text and report.draft is None


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://x.example", "http://", "http://a:b@x.example/", "http://[", "http://x.example:0/"]
)
def test_only_a_web_address_is_probed(url: str) -> None:
    with pytest.raises(Problem, match="adresse http"):
        probe(url, print)


def test_a_real_site_is_not_probed_by_a_robot_without_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_CONTACT", raising=False)
    with pytest.raises(Problem, match="OUVOIR_CONTACT"):
        probe("https://films.example/", print)


@pytest.mark.parametrize("header", ["User-Agent", "authorization"])
def test_a_probe_keeps_its_identity_and_no_key(header: str) -> None:
    with pytest.raises(Problem, match="en-tête réservé"):
        probe("http://127.0.0.1:1/", print, headers={header: "x"})


@given(TREES)
def test_any_tree_may_be_searched_and_the_paths_found_are_right(tree: Any) -> None:
    path, rows = longest_list(tree)
    if rows:
        held = jmespath.search(path, tree) if path else tree
        assert [row for row in held if isinstance(row, dict)] == rows
    place, film = film_like(tree)
    if place:
        assert isinstance(jmespath.search(place, tree), dict) and film


@given(st.text(max_size=60))
def test_any_text_is_written_as_toml(text: str) -> None:
    assert isinstance(tomllib.loads(f"x = {quoted(text)}")["x"], str)
    assert all(char.isprintable() for char in quoted(text))


@given(st.dictionaries(st.sampled_from(["id", "title", "year", "director", "duration", "url", "price"]), TREES, max_size=7))
def test_any_row_may_be_guessed(row: dict[str, Any]) -> None:
    tomllib.loads("\n".join(as_toml(guess_fields([row]))))


@given(st.text(max_size=80), st.binary(max_size=80))
def test_any_document_is_read_or_told(text: str, body: bytes) -> None:
    read_page(f"<html>{text}<script>window.X = {text}</script>", "https://x.example/")
    for data in (body, text.encode("utf-8", "replace")):
        try:
            read_list(data, "https://x.example/", "x")
        except Problem as problem:
            assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (["/film/un", "/film/deux"], "/film/(?P<ref>[^/?#]+)/?$"),
        (["/fr/film/t1/a", "/fr/film/t2/b"], "/fr/film/(?P<ref>[^/?#]+)/[^/?#]+/?$"),
        (["/film/un-deux"], "/film/(?P<ref>[^/?#]+)/?$"),
        (["/vod.films/a", "/vod.films/b", "/x"], r"/vod\.films/(?P<ref>[^/?#]+)/?$"),
        (["/", "/"], "/(?P<ref>[^/?#]+)/?$"),
    ],
)
def test_addresses_give_their_pattern(paths: list[str], pattern: str) -> None:
    assert pages_pattern([f"https://x.example{path}" for path in paths]) == pattern


def test_a_site_gives_its_slug() -> None:
    assert [slug_of(url) for url in ("https://www.cine-exemple.fr/x", "https://vod.x.example", "http://127.0.0.1:1")] == [
        "cine-exemple", "vod-x", "127-0-0-1",
    ]  # fmt: skip
