"""The state that pages embed for their own scripts."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsel import Selector

from crawlers.extract.embedded_state import extract_film_from_state, unflatten_nuxt_data
from crawlers.formats.lenient_json import parse_untrusted_json
from crawlers.platform_files.sources import PageSource
from tests.crawlers.conftest import PAGES

FLIGHT = "[?film].film | [0]"
HOSTILE = [
    "[" * 100_000,
    "{" * 50_000,
    '{"a":' * 900 + "1" + "}" * 900,
    '{"film": 1e999}',
    '{"film": {"year": ' + "9" * 5000 + "}}",
    "",
]


def source(state: str, film: str, variable: str | None = None) -> PageSource:
    table = {"kind": "pages", "url": "https://vod.example.fr/sitemap.xml", "pages": "film", "state": state, "film": film}
    return PageSource.model_validate(table | ({"variable": variable} if variable else {}))


def page(*scripts: str, name: str = "") -> Selector:
    opening = f'<script id="{name}">' if name else "<script>"
    return Selector("<html><body>" + "".join(f"{opening}{script}</script>" for script in scripts))


@pytest.mark.parametrize(
    ("name", "rules", "expected"),
    [
        ("generic-nextjs-flight", source("flight", FLIGHT), {"title": "Les Marées hautes", "year": 2019}),
        ("generic-nextjs-flight", source("next", f"props.film || ({FLIGHT})"), {"title": "Les Marées hautes", "year": 2019}),
        ("generic-nuxt-data", source("nuxt", "film"), {"title": "Les Marées hautes", "year": 2019}),
        ("max-next-data-2020", source("next", "props.pageProps.mappedData.m1"), {"category": "movie"}),
        ("disneyplus-preloaded-state-2020", source("window", "details.* | [0]", "__PRELOADED_STATE__"), {"images": []}),
        (
            "canal-page-react-query-state",
            source("window", "queries[0].state.data.strates[0].contents[0]", "REACT_QUERY_STATE"),
            {"title": "Les Marées hautes", "type": "landing"},
        ),
        ("canal-page-react-query-state", source("window", "@", "__data"), {"a": None}),
    ],
)  # fmt: skip
def test_the_film_of_a_saved_page_is_found(name: str, rules: PageSource, expected: dict[str, Any]) -> None:
    film = extract_film_from_state(Selector((PAGES / f"{name}.html").read_text("utf-8")), rules)
    assert film is not None and film | expected == film


def test_chunks_cut_anywhere_hold_texts_with_line_breaks_and_components() -> None:
    film = {"title": "L'Été", "note": "$2", "seen": "$D2026-01-01T00:00:00Z", "cost": "$$3", "left": "$undefined"}
    text = "un\ndeux : 3:{}"
    component = ["$", "div", None, {"children": ["$", "$L1", None, {"film": film}]}]
    rows = f'1:I["module",[]]\n2:T{len(text.encode()):x},{text}4:{json.dumps(component)}\n'
    pushes = (f"(self.__next_f=self.__next_f||[]).push({json.dumps([1, rows[at : at + 7]])})" for at in range(0, len(rows), 7))
    extracted = extract_film_from_state(page("self.__next_f.push([0])", *pushes), source("flight", FLIGHT))
    assert extracted is not None and extracted["title"] == "L'Été"
    inner = extract_film_from_state(
        page(f"self.__next_f.push({json.dumps([1, '1:' + json.dumps(film)])})"), source("flight", "[0]")
    )
    assert inner == {"title": "L'Été", "note": "$2", "seen": "2026-01-01T00:00:00Z", "cost": "$3", "left": None}


@pytest.mark.parametrize(
    "script",
    [
        "window.STATE = {film: {title: 'X', other: undefined,},}; more()",
        'var STATE={"film":{"title":"X"}};',
        "window['STATE'] = {film: {title: `X`}}",
        r'window.STATE = JSON.parse("{\"film\":{\"title\":\"X\",\"note\":\"a) b\"}}");',
        "if (STATE == 1) {}; NOT_STATE = {film: 1}; self.STATE = {'film': {'title': 'X'}}",
    ],
)
def test_a_variable_is_read_however_it_is_written(script: str) -> None:
    film = extract_film_from_state(page("nothing()", script), source("window", "film", "STATE"))
    assert film is not None and film["title"] == "X" and film.get("other") is None


def test_nuxt_values_are_resolved_and_cycles_cut() -> None:
    film = {"title": 3, "tags": 4, "seen": 6, "ids": 7, "gone": -1}
    values = [["Reactive", 1], {"film": 2, "self": 0}, film, "X", ["Set", 3, 5], "Y", ["Date", "2026-01-01"], ["Map", 3, 5]]
    state = unflatten_nuxt_data(values)
    assert state["film"] == {"title": "X", "tags": ["X", "Y"], "seen": "2026-01-01", "ids": {"X": "Y"}, "gone": None}
    assert state["self"] is None


def test_a_state_that_would_unfold_without_end_is_refused() -> None:
    doubling = [{"film": 1}, {"x": 2}, *([place + 3, place + 3] for place in range(50)), 1]
    with pytest.raises(ValueError, match="démesuré"):
        extract_film_from_state(page(json.dumps(doubling), name="__NUXT_DATA__"), source("nuxt", "film"))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("state", "name"), [("next", "__NEXT_DATA__"), ("nuxt", "__NUXT_DATA__"), ("flight", ""), ("window", "")]
)
def test_a_hostile_state_gives_no_film_and_no_other_error(state: str, name: str, text: str) -> None:
    script = {"flight": f"self.__next_f.push([1,{json.dumps('1:' + text)}])", "window": f"window.S = {text}"}.get(state, text)
    with contextlib.suppress(ValueError):
        extract_film_from_state(page(script, name=name), source(state, "film", "S" if state == "window" else None))


@settings(max_examples=60)
@given(st.text(), st.sampled_from(["next", "nuxt", "flight", "window"]))
def test_no_page_can_raise_anything_but_value_error(text: str, state: str) -> None:
    rules = source(state, "film", "S" if state == "window" else None)
    for script in (text, f"self.__next_f.push([1,{json.dumps(text)}])", f"S={text}"):
        with contextlib.suppress(ValueError):
            extract_film_from_state(page(script, name={"next": "__NEXT_DATA__", "nuxt": "__NUXT_DATA__"}.get(state, "")), rules)


JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
)


@settings(max_examples=60)
@given(st.lists(JSON, min_size=1))
def test_no_nuxt_array_loops_for_ever(values: list[Any]) -> None:
    unflatten_nuxt_data(values)


@pytest.mark.parametrize("text", ["[" + "{}," * 100_000 + "{}]", "[" + "0," * 200_000 + "0]"])
def test_json_that_holds_more_than_a_page_can_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="JSON démesuré"):
        parse_untrusted_json(text)
