"""The film of a page, whatever form its data take."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawlers.extract.structured_data import count_types, extract_film
from tests.crawlers.conftest import PAGES

URL = "https://vod.example.fr/films/x"
MICRODATA = (
    '<div itemscope itemtype="https://schema.org/Movie"><h1 itemprop="name">Les Marées hautes</h1>'
    '<time itemprop="dateCreated" datetime="2019">2019</time>'
    '<span itemprop="director" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Élise Carvalho</b></span></div>'
)


def page(*blocks: object) -> Selector:
    written = (block if isinstance(block, str) else json.dumps(block) for block in blocks)
    return Selector("".join(f'<script type="application/ld+json">{text}</script>' for text in written) or "<p>")


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "Movie", "name": "X"},
        {"@type": ["Product", "Movie"], "name": "X"},
        {"@graph": [{"@type": "BreadcrumbList"}, {"@type": "https://schema.org/Movie", "name": "X"}]},
        [{"@type": "WebSite", "name": "Y"}, {"@type": "Movie", "name": "X"}],
    ],
)
def test_a_movie_is_found_wherever_it_stands(data: object) -> None:
    film, _ = extract_film(page(data), URL)
    assert film is not None and film["name"] == "X"


@pytest.mark.parametrize("director", [{"name": "A"}, [{"name": "A"}], "A", ["A"]])
def test_people_and_offers_become_lists_of_objects(director: object) -> None:
    film, _ = extract_film(page({"@type": "Movie", "director": director, "offers": {"price": 3}}), URL)
    assert film is not None and film["director"] == [{"name": "A"}] and film["offers"] == [{"price": 3}]


def test_the_film_of_the_page_is_told_from_those_it_lists() -> None:
    here, other = ({"@type": "Movie", "name": name, "url": f"https://vod.example.fr/films/{name}"} for name in "xy")
    entries = [{"@type": "ListItem", "item": film} for film in (other, here)]
    for data in ([other, here], {"@type": "ItemList", "itemListElement": entries}):
        film, _ = extract_film(page(data), URL)
        assert film is not None and film["name"] == "x"
    about = {"@type": "WebPage", "mainEntity": {"@type": "Movie", "name": "main"}, "itemListElement": entries}
    film, _ = extract_film(page(about), URL)
    assert film is not None and film["name"] == "main"
    assert extract_film(page({"@type": "ItemList", "itemListElement": [other, {**other, "name": "z"}]}), URL) == (None, 0)


@pytest.mark.parametrize(
    "block",
    ['<!-- {0} -->', "//<![CDATA[\n{0}\n//]]>", "/*<![CDATA[*/{0}/*]]>*/", "<![CDATA[{0}]]>", " {0};\n", "<!--\n{0}\n//-->"],
)  # fmt: skip
def test_what_some_sites_put_around_their_json_is_taken_off(block: str) -> None:
    film, broken = extract_film(page(block.replace("{0}", '{"@type": "Movie", "name": "X"}')), URL)
    assert film is not None and film["name"] == "X" and broken == 0


def test_a_block_whose_signs_are_written_as_entities_is_read() -> None:
    film, _ = extract_film(page("{&quot;@type&quot;: &quot;Movie&quot;, &quot;name&quot;: &quot;X&quot;}"), URL)
    assert film is not None and film["name"] == "X"


def test_lists_are_made_at_every_depth_and_values_with_a_language_plain() -> None:
    action = {"target": {"urlTemplate": "u"}, "expectsAcceptanceOf": {"price": 3}}
    film, _ = extract_film(page({"@type": "Movie", "name": {"@value": "X", "@language": "fr"}, "potentialAction": action}), URL)
    assert film is not None and film["name"] == "X"
    assert film["potentialAction"] == [{"target": [{"urlTemplate": "u"}], "expectsAcceptanceOf": [{"price": 3}]}]


def test_a_real_film_page_is_read(shared: Path) -> None:
    html = (shared / "data" / "samples" / "allocine_film.html").read_text("utf-8")
    film, broken = extract_film(Selector(html), URL)
    assert film is not None and broken == 0 and film["duration"] == "PT02H02M00S"
    assert [person["name"] for person in film["director"]] == ["George Clooney"] and len(film["actor"]) > 3


@pytest.mark.parametrize("text", ["/" * 300_000 + "x", "\n" * 300_000 + "x", "; " * 200_000, "<!--" * 100_000, '{"a":' * 5_000])
def test_a_hostile_block_is_counted_as_broken(text: str) -> None:
    assert extract_film(page(text), URL) == (None, 1)


def test_a_broken_block_is_counted_never_guessed_and_the_good_one_read() -> None:
    film, broken = extract_film(Selector((PAGES / "generic-jsonld-broken.html").read_text("utf-8")), URL)
    assert broken == 1 and film == {"@type": "Movie", "name": "Le Dernier Phare", "dateCreated": "1974"}


def test_microdata_is_read_in_the_shape_of_json_ld() -> None:
    film, _ = extract_film(Selector(MICRODATA), URL)
    assert film == {"name": "Les Marées hautes", "dateCreated": "2019", "director": [{"name": "Élise Carvalho"}]}


@given(text=st.text(), data=st.dictionaries(st.sampled_from(["@type", "@graph", "director"]), st.text() | st.lists(st.none())))
def test_no_page_can_make_it_raise(text: str, data: dict[str, object]) -> None:
    extract_film(Selector(text or "<p>"), URL)
    extract_film(page(data | {"@type": "Movie"}, text), URL)


@pytest.mark.parametrize("blocks", [(), ({"@type": "TVSeries", "name": "X"},), ("[" * 100_000,), ("3",)])
def test_a_page_without_a_movie_gives_none(blocks: tuple[object, ...]) -> None:
    film, _ = extract_film(page(*blocks), URL)
    assert film is None


FEW, FILM = "<p itemprop=name>X", '<div itemscope itemtype="https://schema.org/Movie">'


@pytest.mark.parametrize(
    "text",
    [
        FILM + "<div itemprop=x itemscope>" * 10,
        FILM + "<div itemscope></div>" * 500,
        FILM + "<div itemprop=x>" * 21,
        FILM + "<p itemprop=x>" * 5_001,
        FILM + "<p itemscope itemref='a b c d e f g'></p>" * 3,
    ],
)
def test_microdata_too_deep_or_too_many_are_not_read(text: str) -> None:
    assert extract_film(Selector(text), URL) == (None, 1)
    assert count_types(Selector(text), URL) == ({}, {})


def test_microdata_as_deep_as_pages_go_are_read() -> None:
    film, broken = extract_film(Selector(FILM + FEW + "<div itemprop=x itemscope>" * 9 + FEW), URL)
    assert film is not None and film["name"] == "X" and broken == 0
