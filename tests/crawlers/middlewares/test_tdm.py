"""A site that reserves text and data mining is left alone, in whichever of the three forms it says so."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawlers.middlewares.tdm import TDMREP_DOWNLOAD_LIMIT
from crawlers.tdm_reservations import HTML_HEAD_SIZE, ReservedPath, get_header_reservation, get_meta_reservation, parse_tdmrep
from domain.runs.hold_reasons import format_verdict
from tests.crawlers.conftest import FEED, CannedResponse, Collect, Site, WriteFile
from tests.crawlers.fetching import fetch_urls
from tests.crawlers.serving import serve_sites


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'[{"location": "/films/*", "tdm-reservation": 1}, {"location": "/x", "tdm-reservation": 0}]', ["/films/*"]),
        (b'[{"location": ["/a", "b"], "tdm-reservation": "1"}]', ["/a", "/b"]),
        (b'[{"Location": "/a", "TDM-Reservation": true}]', ["/a"]),
        (b'[{"location": "https://x.example/a*", "tdm-reservation": 1}]', ["/a*"]),
        (b'{"tdm-reservation": 1}', ["/"]),
        (b'[{"location": null, "tdm-reservation": 1.0}]', []),
        (b"{}", []),
        (b"[1]", []),
        (b"<html>", []),
        (b"\xff" * 10, []),
        (b"[" * 100_000, []),
        (b"[" + b"{}," * 100_000 + b"{}]", ["/"]),
        (b"<!doctype html>" + b"<p>" * 100_000, []),
    ],
)
def test_the_file_of_a_site_is_read(body: bytes, places: list[str]) -> None:
    assert [place.location for place in parse_tdmrep(body)] == places


@pytest.mark.parametrize(
    ("location", "covered", "free"),
    [
        ("/", "/", ""),
        ("/films/*", "/films/1?x=2", "/film/1"),
        ("/films", "/films-courts", "/Films"),
        ("*/film/*.html", "/fr/film/un.html", "/fr/film/un"),
        ("/*.html$", "/film/un.html", "/film/un.html?page=2"),
        ("/film$", "/film", "/films"),
        ("/*b*b$", "/abb", "/ab"),
        ("/été", "/%C3%A9t%C3%A9/1", "/ete"),
        ("*", "/x", ""),
    ],
)
def test_a_place_is_a_pattern_as_in_robots(location: str, covered: str, free: str) -> None:
    assert ReservedPath(location).covers_url(f"https://x.example{covered}")
    assert not free or not ReservedPath(location).covers_url(f"https://x.example{free}")


@given(st.text("/a*$", max_size=12), st.text("/a$", max_size=12))
def test_any_pattern_may_be_tried(location: str, path: str) -> None:
    assert ReservedPath(location).covers_url(f"https://x.example/{path}") in (True, False)


HEADERS = [(["1"], True), ([" 1 "], True), (["0", "1"], True), (["0, 1"], True), (["0"], False), (["11"], False), ([], False)]


@pytest.mark.parametrize(("values", "reserved"), HEADERS)
def test_the_header_is_read_whatever_its_form(values: list[str], reserved: bool) -> None:
    headers = {"tdm-reservation": values, "tdm-policy": ["https://x.example/tdm"]}
    reserved_path = get_header_reservation(Response("https://x.example", headers=headers))
    assert reserved_path == (ReservedPath("/", "https://x.example/tdm") if reserved else None)


@pytest.mark.parametrize(
    ("body", "reserved"),
    [
        (b'<meta name="tdm-reservation" content="1">', True),
        (b"<META CONTENT=1 NAME=TDM-Reservation />", True),
        (b"<head><meta name='tdm-reservation'\ncontent=' 1 '><body>", True),
        (b'<meta name="tdm-reservation" content="0"><meta name="tdm-reservation" content="1">', True),
        ('<meta name="tdm-reservation" content="1">'.encode("utf-16"), True),
        (b'<meta name="tdm-reservation" content="0">', False),
        (b'<!-- <meta name="tdm-reservation" content="1"> -->', False),
        (b"<p>tdm-reservation: 1", False),
        (b"a" * HTML_HEAD_SIZE + b'<meta name="tdm-reservation" content="1">', False),
        (b"", False),
    ],
)
def test_the_meta_of_a_page_is_read(body: bytes, reserved: bool) -> None:
    assert (get_meta_reservation(body) is not None) is reserved


def test_a_page_that_reserves_itself_never_reaches_the_spider(site: Site) -> None:
    site.set_response("/film", '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://x.example/p">')
    (end,) = fetch_urls(f"{site.origin}/film")["ends"]
    assert end[1] == f"le site réserve la fouille de textes et de données (conditions : https://x.example/p) : {site.origin}/film"


FILES = [
    (CannedResponse(status=403), True),
    (CannedResponse(b"<html>"), True),
    (CannedResponse(status=302, headers={"Location": "https://elsewhere.example/"}), True),
    (CannedResponse(b'[{"location": "/films/*", "tdm-reservation": 1}]'), True),
    (CannedResponse(b'[{"location": "/", "tdm-reservation": 1}]'), False),
    (CannedResponse(status=500), False),
    (CannedResponse(b" " * (TDMREP_DOWNLOAD_LIMIT + 1)), False),
    (CannedResponse(gzip.compress(b" " * (TDMREP_DOWNLOAD_LIMIT + 1)), headers={"Content-Encoding": "gzip"}), False),
]


def test_only_a_site_that_could_answer_and_reserves_nothing_is_asked() -> None:
    with serve_sites("/.well-known/tdmrep.json", [answer for answer, _ in FILES]) as sites:
        fetch_urls(*[f"{site.origin}/film" for site in sites for _ in "12"], RETRY_TIMES=0)
    assert ["/film" in site.list_paths() for site in sites] == [is_requested for _, is_requested in FILES]


def test_a_site_too_busy_to_say_is_left_alone(site: Site) -> None:
    site.set_response("/.well-known/tdmrep.json", "", status=503)
    done = fetch_urls(f"{site.origin}/film")
    assert "tdmrep.json injoignable" in done["ends"][0][1] and "/film" not in site.list_paths()


def test_a_run_on_a_reserved_site_says_so(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response(
        "/.well-known/tdmrep.json", [{"location": "/films*", "tdm-reservation": 1, "tdm-policy": "https://x.example/p"}]
    )
    run = run_once(write_file(FEED))
    assert "réserve la fouille de textes et de données (conditions : https://x.example/p)" in format_verdict(run)
    assert "/films.json" not in site.list_paths()
