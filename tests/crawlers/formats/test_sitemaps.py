"""What a site lists of itself, read without trusting it."""

import contextlib
import gzip
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.formats.sitemaps import SitemapEntry, drop_uniform_lastmod, is_crawlable_url, read_sitemap
from domain.common.errors import UserError
from tests.crawlers.conftest import PAGES

URL = "https://vod.example.fr/sitemap.xml"
SITE = "https://vod.example.fr"


def urlset(*entries: str) -> bytes:
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</urlset>'.encode()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_index_and_a_sitemap_are_told_apart(pack: type[bytes]) -> None:
    index, films = (read_sitemap(pack((PAGES / f"generic-sitemap-{name}.xml").read_bytes()), URL) for name in ("index", "films"))
    assert index.is_index and [entry.url for entry in index.entries] == [f"{SITE}/sitemap-films.xml", f"{SITE}/sitemap-pages.xml"]
    assert not films.is_index and films.entries == [
        SitemapEntry(f"{SITE}/films/les-marees-hautes", "2026-01-01"),
        SitemapEntry(f"{SITE}/films/le-dernier-phare", "2025-06-01"),
    ]


def test_other_languages_and_images_are_no_entries() -> None:
    entry = (
        '<url><xhtml:link xmlns:xhtml="x" rel="alternate" hreflang="en" href="https://vod.example.fr/en/x"/>'
        '<image:image xmlns:image="i"><image:loc>https://vod.example.fr/poster.jpg</image:loc></image:image>'
        "<loc>\n https://vod.example.fr/fr/x?a=1&amp;b=2 </loc></url>"
    )
    assert read_sitemap(urlset(entry), URL).entries == [SitemapEntry("https://vod.example.fr/fr/x?a=1&b=2")]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "ftp://x.example/f", "file:///etc/passwd", "//x.example/f", "https://", "https://[x", "/film/x",
     "https://me:secret@x.example/", "https://x.example/a b", "https://x.example:0/", "https://x.example/" + "a" * 2000],
)  # fmt: skip
def test_what_is_no_plain_address_is_left_aside(address: str) -> None:
    assert not is_crawlable_url(address)
    assert read_sitemap(urlset(f"<url><loc>{address}</loc></url>"), URL).entries == []


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>captcha</title>", b"\x00\x01", b"<rss><channel/></rss>"])
def test_what_is_not_a_sitemap_is_told(body: bytes) -> None:
    with pytest.raises(UserError, match=r"plan de site attendu, autre chose reçu : https://vod\.example\.fr/sitemap\.xml"):
        read_sitemap(body, URL)


def test_a_sitemap_cut_half_way_is_told_packed_or_not() -> None:
    whole = urlset(*(f"<url><loc>{SITE}/film/{n}</loc></url>" for n in range(50)))
    with pytest.raises(UserError, match="plan de site coupé ou abîmé"):
        read_sitemap(whole[:-200], URL)
    with pytest.raises(UserError, match="gzip tronqué"):
        read_sitemap(gzip.compress(whole)[:-20], URL)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>https://x/&b;</loc></url></urlset>', "entités"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>', "entités"),
        (b'<?xml version="1.0" encoding="klingon"?><urlset/>', "codage inconnu"),
        (gzip.compress(bytes(80 * 2**20), mtime=0), "démesuré"),
        (urlset("<url/>" * 200_001), "démesuré"),
        (urlset("<url>" + "<a/>" * 30_000 + "</url>"), "démesuré"),
        (b"<urlset>" + b"<a>" * 100_000, "démesuré"),
    ],
)
def test_a_hostile_sitemap_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_sitemap(body, URL)


@settings(max_examples=60)
@given(st.binary() | st.text().map(lambda text: f"<urlset><url><loc>{text}</loc></url></urlset>".encode("utf-8", "replace")))
def test_no_sitemap_can_raise_anything_but_a_problem(body: bytes) -> None:
    with contextlib.suppress(UserError):
        assert all(is_crawlable_url(entry.url) for entry in read_sitemap(body, URL).entries)


def test_the_same_day_stamped_everywhere_says_nothing() -> None:
    alike, each = [SitemapEntry("a", "2026"), SitemapEntry("b", "2026")], [SitemapEntry("a", "2026"), SitemapEntry("b", "2025")]
    assert drop_uniform_lastmod(alike) == [SitemapEntry("a"), SitemapEntry("b")] and drop_uniform_lastmod(each) == each


@pytest.mark.parametrize(
    ("lastmod", "vouches"), [("2026-01-01", True), ("2026-01-02", False), ("2026-01-02T08:00:00Z", True), (None, False)]
)
def test_a_day_alone_does_not_vouch_for_a_page_read_that_day(lastmod: str | None, vouches: bool) -> None:
    assert SitemapEntry("a", lastmod).is_unchanged_since(date(2026, 1, 2)) is vouches
