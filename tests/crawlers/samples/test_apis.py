"""The answers that services give to programs are read, traps included, into exactly these observations."""

import json

from crawlers.formats.documents import read_index
from crawlers.platform_files.loader import load_platform
from crawlers.platform_files.sources import DocumentSource, LookupSource
from domain.common.enums import Access, Kind, Quality
from domain.runs.observation import ObservedEntry, ObservedOffer
from tests.crawlers.conftest import PAGES, PLATFORMS
from tests.crawlers.samples.expected import list_dropped_rules, list_issues, list_observations, map_rows, read_sample


def test_rakuten_lists_the_films_to_ask_for() -> None:
    platform = load_platform("rakuten-tv", PLATFORMS)
    assert isinstance(platform.source, DocumentSource)
    index = read_index(platform.source, (PAGES / "rakuten-list.json").read_bytes(), "rakuten-list.json")
    assert list(index.rows) == ["les-marees-hautes", "le-dernier-phare"]


def test_rakuten_prices_each_way_in_by_quality() -> None:
    lines = read_sample("rakuten-tv")
    assert list_observations(lines) == [
        ObservedEntry(
            ref="les-marees-hautes",
            title="Les Marées hautes",
            original_title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            runtime_min=97,
            countries=("France",),
            kind=Kind.FILM,
            url="https://www.rakuten.tv/fr/movies/les-marees-hautes",
            offers=(
                ObservedOffer(access=Access.RENT, price_cents=399, quality=Quality.HD),
                ObservedOffer(access=Access.BUY, price_cents=1199, quality=Quality.HD),
            ),
        )
    ]
    assert list_issues(lines) == []


def test_rakuten_with_a_free_film_and_a_way_in_that_is_not_known() -> None:
    film = json.loads((PAGES / "rakuten-movie.json").read_bytes())["data"]
    film["labels"]["purchase_types"] = [{"kind": "avod"}]
    film["order_options"][0]["purchase_type"]["kind"] = "lottery"
    film["order_options"][1]["purchase_type"]["kind"] = "avod"
    lines = map_rows(load_platform("rakuten-tv", PLATFORMS), [film])
    assert list_observations(lines)[0].offers == (ObservedOffer(access=Access.FREE_WITH_ADS),)
    assert list_issues(lines)[0] == "access : mot inconnu « lottery »"


def test_adn_with_languages_in_words() -> None:
    lines = read_sample("adn")
    assert list_observations(lines) == [
        ObservedEntry(
            ref="911",
            title="Le Dragon de brume - Le film",
            year=2021,
            kind=Kind.FILM,
            url="https://animationdigitalnetwork.com/video/911-le-dragon-de-brume",
            offers=(ObservedOffer(access=Access.SUBSCRIPTION, languages=("VOSTFR", "VF")),),
        )
    ]
    assert list_issues(lines) == []


def test_adn_leaves_series_and_what_left_aside() -> None:
    (film,) = json.loads((PAGES / "adn-show-catalog.json").read_bytes())["shows"]
    rows = [film | {"type": "TV"}, film | {"available": False}]
    assert list_dropped_rules(map_rows(load_platform("adn", PLATFORMS), rows)) == ["série", "retiré"]


def test_pluto_with_neither_year_nor_director() -> None:
    lines = read_sample("pluto-tv")
    assert list_observations(lines) == [
        ObservedEntry(
            ref="5b190c7b0000000000000001",
            title="Les Marées hautes",
            runtime_min=97,
            kind=Kind.FILM,
            offers=(ObservedOffer(access=Access.FREE_WITH_ADS),),
        )
    ]
    assert list_dropped_rules(lines) == ["hors film"] and list_issues(lines) == []


def test_apple_gives_four_prices_at_most_and_no_production_year() -> None:
    platform = load_platform("apple-tv-store", PLATFORMS)
    assert isinstance(platform.source, LookupSource)
    rows = platform.source.items.extract_value(json.loads((PAGES / platform.sample).read_bytes()))
    lines = map_rows(platform, [*rows, rows[0] | {"kind": "tv-episode"}])
    both, bought = list_observations(lines)
    assert both == ObservedEntry(
        ref="1400000001",
        title="Les Marées hautes",
        directors=("Élise Carvalho",),
        runtime_min=97,
        kind=Kind.FILM,
        url="https://itunes.apple.com/fr/movie/slug/id1400000001?uo=4",
        offers=(
            ObservedOffer(access=Access.RENT, price_cents=399, quality=Quality.SD),
            ObservedOffer(access=Access.RENT, price_cents=499, quality=Quality.HD),
            ObservedOffer(access=Access.BUY, price_cents=999, quality=Quality.SD),
            ObservedOffer(access=Access.BUY, price_cents=1199, quality=Quality.HD),
        ),
    )
    assert bought.runtime_min == 88 and [offer.access for offer in bought.offers] == [Access.BUY, Access.BUY]
    assert list_dropped_rules(lines) == ["hors film"] and list_issues(lines) == []
