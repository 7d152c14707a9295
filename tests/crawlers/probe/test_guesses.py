"""What a probe makes of documents of any shape: paths, rules, patterns of addresses."""

import tomllib
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.probe.draft import build_pages_pattern, make_slug
from crawlers.probe.guesses import format_toml, guess_fields, quote_toml
from crawlers.probe.lists import read_list
from crawlers.probe.pages import read_page
from crawlers.probe.trees import find_film_object, find_longest_list
from domain.common.errors import UserError

FILM = {"title": "X", "year": 1974, "director": "Y"}
KEYS = st.sampled_from(["title", "id", "a-b", "é", "x"]) | st.text(max_size=4)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(TREES)
def test_any_tree_may_be_searched_and_the_paths_found_are_right(tree: Any) -> None:
    path, rows = find_longest_list(tree)
    if rows:
        held = jmespath.search(path, tree) if path else tree
        assert [row for row in held if isinstance(row, dict)] == rows
    place, film = find_film_object(tree)
    if place:
        assert isinstance(jmespath.search(place, tree), dict) and film


def test_a_search_never_holds_long_paths_nor_more_objects_than_it_may() -> None:
    deep: Any = FILM
    for number in range(29):
        deep = {f"{number:050}": deep}
    assert find_film_object({"x" * 201: FILM}) == find_film_object(deep) == (None, {})
    assert find_film_object({f"k{number}": {} for number in range(100_000)} | {"last": FILM}) == (None, {})
    assert find_film_object({"x" * 200: FILM, "y" * 10_000: 1})[1] == FILM


@given(st.text(max_size=60))
def test_any_text_is_written_as_toml(text: str) -> None:
    assert isinstance(tomllib.loads(f"x = {quote_toml(text)}")["x"], str)
    assert all(char.isprintable() for char in quote_toml(text))


@given(st.dictionaries(st.sampled_from(["id", "title", "year", "director", "duration", "url", "price"]), TREES, max_size=7))
def test_any_row_may_be_guessed(row: dict[str, Any]) -> None:
    tomllib.loads("\n".join(format_toml(guess_fields([row]))))


@given(st.text(max_size=80), st.binary(max_size=80))
def test_any_document_is_read_or_told(text: str, body: bytes) -> None:
    read_page(f"<html>{text}<script>window.X = {text}</script>", "https://x.example/")
    for data in (body, text.encode("utf-8", "replace")):
        try:
            read_list(data, "https://x.example/", "x")
        except UserError as problem:
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
    assert build_pages_pattern([f"https://x.example{path}" for path in paths]) == pattern


def test_a_site_gives_its_slug() -> None:
    assert [make_slug(url) for url in ("https://www.cine-exemple.fr/x", "https://vod.x.example", "http://127.0.0.1:1")] == [
        "cine-exemple", "vod-x", "127-0-0-1",
    ]  # fmt: skip
