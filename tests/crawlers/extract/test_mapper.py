"""A line is read, or said unreadable; a platform can neither make the mapper raise nor lead a reader elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.extract.mapper import (
    ISSUES_LIMIT,
    OFFERS_LIMIT,
    REFUSED_LINK,
    TOO_MANY_OFFERS,
    UNKNOWN_WORD,
    UNREADABLE_ROW,
    UNREADABLE_VALUE,
    map_row,
)
from crawlers.platform_files.loader import load_platform
from tests.crawlers.conftest import FEED, PLATFORMS, WriteFile

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["id", "title", "year", "duration", "directors", "web_url", "consumable", "episode", "historic_countries", "hd"]
WORDS = {'access = "rent"': 'access = {path = "mode", words = {Location = "rent", Achat = "buy"}}\nquality = "HD"'}


@given(row=st.dictionaries(st.sampled_from(NAMES), JSON) | JSON)
def test_no_line_can_make_the_mapper_raise(row: object) -> None:
    mapped = map_row(load_platform("mubi", PLATFORMS), row, None)
    assert mapped.observation or mapped.dropped or mapped.issues


RULES = ["duration < `3000`", "contains(title, id)", "ceil(duration)", "sum(directors)", "year > title", "title[::0]"]


@given(row=st.fixed_dictionaries({"id": st.integers(1, 9), "title": st.just("X")}, optional=dict.fromkeys(NAMES[2:5], JSON)))
@pytest.mark.parametrize("rule", RULES)
def test_no_line_makes_a_rule_raise(write_file: WriteFile, rule: str, row: object) -> None:
    mapped = map_row(write_file(FEED, {"[fields]": f'[drop]\nessai = "{rule}"\n[fields]'}), row, None)
    assert mapped.observation or mapped.dropped or mapped.issues


def test_a_comparison_of_words_and_numbers_is_told(write_file: WriteFile) -> None:
    platform = write_file(FEED, {"[fields]": '[drop]\ncourt = "duration < `3000`"\n[fields]'})
    mapped = map_row(platform, {"id": 1, "title": "X", "duration": "97 min"}, None)
    assert mapped.observation is None
    assert mapped.issues[0].message == "règle « court » : comparaison ou calcul impossible sur les valeurs de la ligne"


@given(price=st.integers(0, 10_000) | st.floats() | st.text(max_size=12) | JSON)
def test_a_price_is_a_number_of_cents_or_is_told(write_file: WriteFile, price: object) -> None:
    mapped = map_row(write_file(), {"id": 1, "title": "X", "price": price}, None)
    assert mapped.observation is not None
    (offer,) = mapped.observation.offers
    price_issues = [issue for issue in mapped.issues if issue.message.startswith("price_cents")]
    nothing = price in (None, "", [], {}) or (isinstance(price, str) and not price.strip())
    assert (offer.price_cents is not None) != bool(nothing or price_issues)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://evil.example/film/1",
        "//evil.example/film/1",
        "https://films.example@evil.example/1",
        "https://films.example\\@evil.example/1",
        "../../../../etc/passwd",
        "file:///etc/passwd",
        "data:text/html,x",
        "http://[",
        "http://169.254.169.254/latest",
    ],
)
def test_a_link_elsewhere_is_left_out_and_told(write_file: WriteFile, link: str) -> None:
    mapped = map_row(write_file(), {"id": "1", "title": "X", "link": link}, None)
    assert mapped.observation is not None and mapped.observation.url is None
    assert [issue.kind for issue in mapped.issues] in ([REFUSED_LINK], [UNREADABLE_VALUE])


def test_an_unknown_offer_word_is_told_and_its_offer_left_out(write_file: WriteFile) -> None:
    platform = write_file(FEED, WORDS)
    mapped = map_row(platform, {"id": 1, "title": "X", "mode": "Troc", "price": "2,99"}, None)
    assert mapped.observation is not None and mapped.observation.offers == () and mapped.observation.ref == "1"
    assert (mapped.issues[0].kind, mapped.issues[0].message) == (UNKNOWN_WORD, "access : mot inconnu « troc »")
    observation = map_row(platform, {"id": 1, "title": "X", "mode": "ACHAT"}, None).observation
    assert observation is not None and observation.offers[0].access == "buy"


def test_known_words_of_a_list_stay_when_one_is_unknown(write_file: WriteFile) -> None:
    languages = 'access = "rent"\nlanguages = {path = "audio", words = {French = "fr", English = "en"}}'
    mapped = map_row(
        write_file(FEED, {'access = "rent"': languages}), {"id": 1, "title": "X", "audio": ["French", "Klingon"]}, None
    )
    assert mapped.observation is not None and mapped.observation.offers[0].languages == ("fr",)
    assert mapped.issues[0].message == "languages : mot inconnu « klingon »"


@pytest.mark.parametrize("row", [{"title": "X"}, {"id": 1}, {"id": 1, "title": "  "}, {"id": [1], "title": "X"}, "X", None])
def test_a_line_without_number_or_title_is_unreadable(write_file: WriteFile, row: object) -> None:
    mapped = map_row(write_file(), row, None)
    assert mapped.observation is None and mapped.issues[-1].kind == UNREADABLE_ROW


def test_a_line_that_may_have_to_be_dropped_is_unreadable(write_file: WriteFile) -> None:
    platform = write_file(FEED, {"[fields]": "[drop]\nserie = \"contains(kind, 'series')\"\n[fields]"})
    mapped = map_row(platform, {"id": 1, "title": "X"}, None)
    assert mapped.observation is None and mapped.dropped is None and "règle « serie »" in mapped.issues[0].message
    assert map_row(platform, {"id": 1, "title": "X", "kind": "series"}, None).dropped == "serie"


def test_a_refused_value_is_left_out_and_told(write_file: WriteFile) -> None:
    platform = write_file(FEED, {'ref = "id"': 'ref = "id"\nyear = "year"'})
    mapped = map_row(platform, {"id": 1, "title": "X", "year": 3021, "price": "gratuit"}, None)
    assert mapped.observation is not None and mapped.observation.year is None and mapped.observation.offers[0].price_cents is None
    assert [issue.message for issue in mapped.issues] == [
        "price_cents : prix en euros attendu, lu « gratuit »",
        "year : valeur refusée « 3021 »",
    ]


def test_a_hostile_title_is_cleaned_not_changed(write_file: WriteFile) -> None:
    mapped = map_row(write_file(), {"id": 1, "title": "\u202e<script>alert(1)</script>\x07\n"}, None)
    assert mapped.observation is not None and mapped.observation.title == "<script>alert(1)</script>"


def test_identifiers_are_read_in_their_one_form_and_wrong_ones_told(write_file: WriteFile) -> None:
    platform = write_file(FEED, {'url = "link"': 'ids.eidr = "eidr"\nids.isan = "isan"'})
    row = {"id": 1, "title": "X", "eidr": "urn:eidr:10.5240:7791-8534-2c23-9030-8610-5", "isan": "0000-0000-3A8D-0000-Y"}
    mapped = map_row(platform, row, None)
    assert mapped.observation is not None and mapped.observation.ids == {"eidr": "10.5240/7791-8534-2C23-9030-8610-5"}
    assert [issue.message for issue in mapped.issues] == ["ids.isan : numéro refusé, lu « 0000-0000-3A8D-0000-Y »"]


def test_offers_and_issues_past_what_a_line_can_hold_are_left_out(write_file: WriteFile) -> None:
    platform = write_file(FEED, {'access = "rent"': 'each = "offers"\naccess = {path = "offer.mode", words = {L = "rent"}}'})
    mapped = map_row(platform, {"id": 1, "title": "X", "offers": [{"mode": "L"}] * 5_000}, None)
    assert mapped.observation is not None and len(mapped.observation.offers) == OFFERS_LIMIT
    assert [(issue.kind, issue.message) for issue in mapped.issues] == [
        (TOO_MANY_OFFERS, "5000 offres, les 200 premières sont lues")
    ]
    assert len(map_row(platform, {"id": 1, "title": "X", "offers": [{"mode": "?"}] * 5_000}, None).issues) == ISSUES_LIMIT
