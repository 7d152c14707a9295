"""What a site says of itself: robots.txt and sitemaps."""

import gzip

import pytest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser

from crawlers.courtesy import ROBOT_NAME
from crawlers.page_spider import read_sitemap
from records.errors import Problem
from tests.crawlers.conftest import PAGES

URL = "https://vod.example.fr/sitemap.xml"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_index_and_a_sitemap_are_told_apart(pack: type[bytes]) -> None:
    index, films = ((PAGES / f"generic-sitemap-{name}.xml").read_bytes() for name in ("index", "films"))
    site = "https://vod.example.fr"
    assert read_sitemap(Response(URL, body=pack(index))) == (True, [f"{site}/sitemap-films.xml", f"{site}/sitemap-pages.xml"])
    assert read_sitemap(Response(URL, body=pack(films))) == (
        False,
        [f"{site}/films/les-marees-hautes", f"{site}/films/le-dernier-phare"],
    )


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>captcha</title>", b"\x00\x01", b"<rss><channel/></rss>"])
def test_what_is_not_a_sitemap_is_told(body: bytes) -> None:
    with pytest.raises(Problem, match=r"plan de site attendu, autre chose reçu : https://vod\.example\.fr/sitemap\.xml"):
        read_sitemap(Response(URL, body=body))


def test_an_entity_bomb_stays_closed() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>https://x.example/&b;</loc></url></urlset>'
    assert read_sitemap(Response(URL, body=bomb.encode()))[1] == ["https://x.example/"]


def test_the_rules_of_other_robots_are_not_ours() -> None:
    robots = ProtegoRobotParser((PAGES / "generic-robots.txt").read_bytes(), None)
    assert robots.crawl_delay(ROBOT_NAME) == 5
    assert robots.allowed("https://vod.example.fr/films/x", ROBOT_NAME)
    assert not robots.allowed("https://vod.example.fr/api/x", ROBOT_NAME)
