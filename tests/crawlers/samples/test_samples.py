"""Each platform file reads its saved answer, traps included, into exactly these observations."""

from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawlers.extract.mapper import map_row
from crawlers.extract.structured_data import extract_film
from crawlers.platform_files.loader import load_platform
from domain.common.enums import Access, Kind, Quality
from domain.runs.observation import ObservedEntry, ObservedOffer
from tests.crawlers.conftest import PAGES, PLATFORMS
from tests.crawlers.samples.expected import list_dropped_rules, list_issues, list_observations, read_sample


@pytest.mark.parametrize("sample", ["orange-vod-partner-utf8bom.csv", "orange-vod-partner-cp850.csv"])
def test_orange_in_either_encoding(sample: str) -> None:
    lines = read_sample("orange", sample)
    first, remade, recent = list_observations(lines)
    assert first == ObservedEntry(
        ref="LESMAREESHAW0900101",
        title="Les Marées hautes",
        year=2019,
        directors=("Élise Carvalho",),
        runtime_min=97,
        countries=("France", "Belgique"),
        kind=Kind.FILM,
        url="https://video-a-la-demande.orange.fr/film/LESMAREESHAW0900101",
        ids={"allocine": "900101", "isan": "0000000900A10000"},
        offers=(ObservedOffer(access=Access.RENT, price_cents=299), ObservedOffer(access=Access.BUY, price_cents=1199)),
    )
    assert (remade.year, recent.year) == (1974, 2016)
    assert remade.ids == {"isan": "0000000900A20000"}
    assert recent.ids == {"allocine": "900104"}
    assert list_issues(lines) == ["ids.isan : numéro refusé, lu « 0000-0009-00A4 »"]
    assert list_dropped_rules(lines) == ["hors film"]


def test_france_tv_with_a_past_window_an_empty_link_and_a_missing_first_name() -> None:
    lines = read_sample("francetv")
    first, past = list_observations(lines)
    assert first.ids == {"imdb": "tt9900101", "allocine": "900101"}
    assert first.directors == ("Élise Carvalho",) and first.runtime_min == 97 and first.countries == ("France",)
    window = {"starts": datetime(2026, 1, 1, 4, tzinfo=UTC), "ends": datetime(2026, 12, 31, 21, 59, tzinfo=UTC)}
    assert first.offers == (ObservedOffer(access=Access.CATCH_UP, **window),)
    assert past.directors == ("Verneuil-Dacier",) and past.url is None and past.runtime_min is None and past.ids == {}
    assert past.offers[0].ends == datetime(2020, 1, 31, 23, tzinfo=UTC)
    assert list_dropped_rules(lines) == ["téléfilm"]


def test_lacinetek_with_two_ways_in_and_no_duration() -> None:
    both, rental = list_observations(read_sample("lacinetek"))
    site = "https://www.lacinetek.com/fr"
    assert both.title == "Le Dernier Phare" and both.year == 1974 and both.runtime_min == 105
    assert both.ids == {"allocine": "900102"} and both.url == f"{site}/film/lc-501"
    assert both.offers == (
        ObservedOffer(access=Access.RENT, audio_description=True, url=f"{site}/film/lc-501"),
        ObservedOffer(access=Access.SUBSCRIPTION, audio_description=True, url=f"{site}/la-selection/lc-501"),
    )
    assert rental.runtime_min is None and [offer.access for offer in rental.offers] == [Access.RENT]


def test_mubi_with_an_episode_a_film_to_come_and_one_without_rights() -> None:
    lines = read_sample("mubi")
    marees, coming, rental = list_observations(lines)
    assert marees.ref == "9001" and marees.year == 2018 and marees.directors == ("Élise Carvalho",)
    window = {"starts": datetime(2026, 1, 14, 8, tzinfo=UTC), "ends": datetime(2026, 12, 14, 8, tzinfo=UTC)}
    assert marees.offers == (ObservedOffer(access=Access.SUBSCRIPTION, quality=Quality.HD, **window),)
    assert coming.original_title == "თეთრი ღამე" and coming.offers == ()
    assert [offer.access for offer in rental.offers] == [Access.RENT]
    assert list_dropped_rules(lines) == ["série", "sans droits en France"]


def test_mediatheque_numerique_with_titles_that_hold_more_than_a_title() -> None:
    lines = read_sample("mediatheque-numerique")
    restored, quoted = list_observations(lines)
    assert restored.title == "Le Dernier Phare - Version restaurée" and restored.runtime_min == 105
    assert restored.offers == (ObservedOffer(access=Access.LIBRARY, edition="Version restaurée"),)
    assert quoted.title == '"Nuit blanche à Tbilissi" de Nino Kalandadze (2021)'
    assert quoted.year is None and quoted.directors == () and quoted.url is None
    assert list_dropped_rules(lines) == ["série", "ni film ni programme"]


def test_a_page_with_json_ld_and_its_offers() -> None:
    platform = load_platform("video-exemple", PLATFORMS)
    url = "https://vod.example.fr/films/les-marees-hautes"
    page = HtmlResponse(url, body=(PAGES / platform.sample).read_bytes(), encoding="utf-8")
    film, broken = extract_film(page.selector, url)
    mapped = map_row(platform, {"film": film, "page": {"url": url, "ref": "les-marees-hautes"}, "css": {}}, url)
    assert broken == 0 and mapped.issues == []
    assert mapped.observation == ObservedEntry(
        ref="les-marees-hautes",
        title="Les Marées hautes",
        original_title="High Tides",
        year=2019,
        directors=("Élise Carvalho",),
        runtime_min=97,
        countries=("France",),
        kind=Kind.FILM,
        url=url,
        offers=(
            ObservedOffer(access=Access.RENT, price_cents=399, ends=datetime(2026, 12, 31, 23, tzinfo=UTC), url=url),
            ObservedOffer(access=Access.BUY, price_cents=1199),
        ),
    )
