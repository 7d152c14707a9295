"""The film of a page, whatever form its data take."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawlers.structured_data import find_film
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
    film, _ = find_film(page(data), URL)
    assert film is not None and film["name"] == "X"


@pytest.mark.parametrize("director", [{"name": "A"}, [{"name": "A"}], "A", ["A"]])
def test_people_and_offers_become_lists_of_objects(director: object) -> None:
    film, _ = find_film(page({"@type": "Movie", "director": director, "offers": {"price": 3}}), URL)
    assert film is not None and film["director"] == [{"name": "A"}] and film["offers"] == [{"price": 3}]


def test_a_broken_block_is_counted_never_guessed_and_the_good_one_read() -> None:
    film, broken = find_film(Selector((PAGES / "generic-jsonld-broken.html").read_text("utf-8")), URL)
    assert broken == 1 and film == {"@type": "Movie", "name": "Le Dernier Phare", "dateCreated": "1974"}


def test_microdata_is_read_in_the_shape_of_json_ld() -> None:
    film, _ = find_film(Selector(MICRODATA), URL)
    assert film == {"name": "Les Marées hautes", "dateCreated": "2019", "director": [{"name": "Élise Carvalho"}]}


@given(text=st.text(), data=st.dictionaries(st.sampled_from(["@type", "@graph", "director"]), st.text() | st.lists(st.none())))
def test_no_page_can_make_it_raise(text: str, data: dict[str, object]) -> None:
    find_film(Selector(text or "<p>"), URL)
    find_film(page(data | {"@type": "Movie"}, text), URL)


@pytest.mark.parametrize("blocks", [(), ({"@type": "TVSeries", "name": "X"},), ("[" * 100_000,), ("3",)])
def test_a_page_without_a_movie_gives_none(blocks: tuple[object, ...]) -> None:
    film, _ = find_film(page(*blocks), URL)
    assert film is None
