"""Media Actions and GoWatchIt feeds are read into lines of one shape."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.formats import READERS
from domain.common.errors import UserError
from tests.crawlers.conftest import PAGES

PAGE = "https://vod.example.fr/films/les-marees-hautes"
WINDOW = {"starts": "2026-01-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z", "url": f"{PAGE}?autoplay=true", "territories": ["FR"]}
WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["WatchAction", "FR", "PT1H", "director"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "@type @id name director identifier potentialAction target urlTemplate actionAccessibilityRequirement category "
                "expectsAcceptanceOf price eligibleRegion releasedEvent startDate duration id title available_formats "
                "availabilities contributions runtime locale language_formats propertyID value".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


def read(name: str, content: Any) -> list[Any]:
    return READERS[name](json.dumps(content).encode(), "x", None)


def action(**members: Any) -> dict[str, Any]:
    return {
        "@type": "WatchAction",
        "target": {"urlTemplate": PAGE},
        "actionAccessibilityRequirement": {"category": "rental"} | members,
    }


def entity(**members: Any) -> dict[str, Any]:
    (line,) = read("media-actions", {"dataFeedElement": {"@type": "Movie", "@id": "1", "name": "X"} | members})
    row: dict[str, Any] = line
    return row


def test_a_media_actions_feed() -> None:
    assert read("media-actions", json.loads((PAGES / "google-media-actions-feed.json").read_text("utf-8"))) == [
        {
            "ref": PAGE,
            "title": "Les Marées hautes",
            "year": "2019",
            "directors": ["Élise Carvalho"],
            "minutes": 97,
            "kind": "Movie",
            "url": PAGE,
            "ids": {"imdb": "tt9900101", "eidr": "10.5240/0000-0000-0000-0000-0000-X"},
            "offers": [
                {"mode": "rental", "price": 3.99, "currency": "EUR", **WINDOW},
                {"mode": "subscription", **WINDOW},
            ],
        }
    ]


def test_what_is_alone_is_read_as_what_stands_in_a_list() -> None:
    alone = entity(
        potentialAction=action(), director="A", countryOfOrigin={"name": "FR"}, identifier={"propertyID": "TMS_ID", "value": 4}
    )
    several = entity(
        potentialAction=[action()],
        director=[{"name": "A"}],
        countryOfOrigin=[{"name": "FR"}],
        identifier=[{"propertyID": "TMS_ID", "value": 4}],
    )
    assert alone == several and alone["directors"] == ["A"] and alone["ids"] == {"tms": 4}


def test_every_requirement_and_every_price_is_an_offer() -> None:
    prices = [{"price": 1, "priceCurrency": "EUR"}, {"priceSpecification": {"price": "2.99"}}]
    needs = [{"category": "rental", "expectsAcceptanceOf": prices}, {"category": "free", "ineligibleRegion": {"name": "BE"}}]
    offers = entity(potentialAction={"actionAccessibilityRequirement": needs, "target": [{"urlTemplate": "app://x"}, PAGE]})[
        "offers"
    ]
    assert [(offer["mode"], offer.get("price")) for offer in offers] == [("rental", 1), ("rental", "2.99"), ("free", None)]
    assert offers[2]["excluded"] == ["BE"] and {offer["url"] for offer in offers} == {PAGE}


def test_a_name_in_several_languages_and_a_year_of_release() -> None:
    line = entity(
        name=[{"@language": "en", "@value": "High Tides"}, {"@language": "fr-FR", "@value": "Les Marées hautes"}],
        releasedEvent=[{"startDate": "2021-02-01"}, {"startDate": 2019}],
        duration="une heure",
    )
    assert (line["title"], line["year"], line["minutes"]) == ("Les Marées hautes", "2019", "une heure")
    assert entity(copyrightYear=2018, releasedEvent={"startDate": "2019"})["year"] == 2018


def test_a_gowatchit_feed() -> None:
    assert read("gowatchit", json.loads((PAGES / "gowatchit-feed.json").read_text("utf-8"))) == [
        {
            "ref": "VX-10001",
            "title": "Les Marées hautes",
            "other_titles": ["High Tides"],
            "year": "2019",
            "directors": ["Élise Carvalho"],
            "minutes": 97,
            "kind": "movie",
            "url": PAGE,
            "offers": [
                {
                    "mode": "rent",
                    "price": "3.99",
                    "currency": "EUR",
                    "quality": "hd",
                    "starts": "2026-01-01",
                    "ends": "2027-01-01",
                    "url": PAGE,
                    "territories": ["FR"],
                }
            ],
        }
    ]


def test_the_own_sample_of_gowatchit_is_read_whole(shared: Path) -> None:
    path = shared / "data" / "samples" / "gowatchit_provider_sample_feed.json"
    lines = READERS["gowatchit"](path.read_bytes(), "x", None)
    assert [(line["ref"], line["kind"], len(line.get("offers", []))) for line in lines] == [
        ("999999", "show", 0),
        ("999999-fr", "show", 1),
        ("111111", "season", 3),
        ("222222", "episode", 4),
        ("8995", "movie", 10),
    ]
    assert lines[1]["offers"][0] == {
        "mode": "buy",
        "price": "4.99",
        "currency": "EUR",
        "quality": "sd",
        "languages": ["fr"],
        "starts": "2010-07-01T07:00:00Z",
        "ends": "2016-12-31T23:59:59Z",
        "url": "http://product_url.fr",
        "territories": ["FR"],
    }


@pytest.mark.parametrize("name", ["media-actions", "gowatchit"])
@pytest.mark.parametrize("content", [None, [], {}, {"items": None, "dataFeedElement": "x"}])
def test_another_document_is_told(name: str, content: Any) -> None:
    with pytest.raises(UserError, match="^x : "):
        read(name, content)


@pytest.mark.parametrize(("name", "key"), [("media-actions", "dataFeedElement"), ("gowatchit", "items")])
@given(rows=st.lists(WILD, max_size=3))
def test_any_line_is_read(name: str, key: str, rows: list[Any]) -> None:
    assert len(read(name, {key: rows})) <= len(rows)
