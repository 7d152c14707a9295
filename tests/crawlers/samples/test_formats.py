"""Feeds in formats made for partners, and pages that embed their state, are read into exactly these observations."""

from datetime import UTC, datetime

from parsel import Selector

from crawlers.extract.embedded_state import extract_film_from_state
from crawlers.platform_files.loader import load_platform
from crawlers.platform_files.sources import PageSource
from domain.common.enums import Access, Kind, Quality
from domain.runs.observation import ObservedEntry, ObservedOffer
from tests.crawlers.conftest import PAGES, PLATFORMS
from tests.crawlers.samples.expected import list_issues, list_observations, map_rows, read_sample

STARTS = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = "https://vod.example.fr/films/les-marees-hautes"


def test_a_media_actions_feed() -> None:
    lines = read_sample("actions-exemple")
    window = {"starts": STARTS, "ends": datetime(2027, 1, 1, tzinfo=UTC), "url": f"{PAGE}?autoplay=true"}
    assert list_observations(lines) == [
        ObservedEntry(
            ref=PAGE,
            title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            runtime_min=97,
            kind=Kind.FILM,
            url=PAGE,
            ids={"imdb": "tt9900101"},
            offers=(
                ObservedOffer(access=Access.RENT, price_cents=399, **window),
                ObservedOffer(access=Access.SUBSCRIPTION, **window),
            ),
        )
    ]
    assert list_issues(lines) == []


def test_a_gowatchit_feed_whose_windows_are_days_of_paris() -> None:
    lines = read_sample("gowatchit-exemple")
    window = {"starts": datetime(2025, 12, 31, 23, tzinfo=UTC), "ends": datetime(2027, 1, 1, 23, tzinfo=UTC)}
    assert list_observations(lines) == [
        ObservedEntry(
            ref="VX-10001",
            title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            runtime_min=97,
            kind=Kind.FILM,
            url=PAGE,
            offers=(ObservedOffer(access=Access.RENT, price_cents=399, quality=Quality.HD, url=PAGE, **window),),
        )
    ]
    assert list_issues(lines) == []


def test_a_page_that_embeds_the_state_of_its_program() -> None:
    platform = load_platform("etat-exemple", PLATFORMS)
    assert isinstance(platform.source, PageSource)
    url = "https://etat.example.fr/films/les-marees-hautes"
    film = extract_film_from_state(Selector((PAGES / platform.sample).read_text("utf-8")), platform.source)
    lines = map_rows(platform, [{"film": film, "page": {"url": url, "ref": "les-marees-hautes"}, "css": {}}])
    assert list_observations(lines) == [
        ObservedEntry(
            ref="9001",
            title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            kind=Kind.FILM,
            url=url,
            offers=(ObservedOffer(access=Access.RENT, price_cents=399, quality=Quality.HD),),
        )
    ]
    assert list_issues(lines) == []
