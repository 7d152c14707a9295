"""Entities of a dump read: whatever a line holds, it is an item, nothing, or a damaged line."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawlers.wikidata.entities import DamagedLineError, Entity, may_be_item, needs_parsing, parse_entity
from crawlers.wikidata.items import build_record
from tests.crawlers.wikidata.dumps import MON_ONCLE, TATI, make_claim, make_entity

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["fr", "value", "id", "mainsnak", "datavalue", "time"]), inner, max_size=3)
    ),
    max_leaves=10,
)
NAMES = ("P345", "P57", "P577", "P1476", "P2047", "P2755")


def encode(entity: Any) -> bytes:
    return json.dumps(entity, separators=(",", ":")).encode()


def read(entity: Any) -> Entity:
    parsed = parse_entity(encode(entity))
    assert parsed is not None
    return parsed


@given(st.dictionaries(st.sampled_from(["id", "type", "labels", "aliases", "claims"]), VALUES))
def test_any_object_is_an_item_nothing_or_damaged(entity: dict[str, Any]) -> None:
    try:
        parsed = parse_entity(encode(entity))
    except DamagedLineError:
        return
    assert parsed is None or build_record(parsed.item, parsed.facts) is None or parsed.facts


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=3)), st.dictionaries(st.text(max_size=3), VALUES))
def test_any_claims_and_labels_are_read(claims: dict[str, Any], labels: dict[str, Any]) -> None:
    parsed = read(MON_ONCLE | {"claims": claims, "labels": labels})
    build_record(parsed.item, parsed.facts)


def test_only_the_claims_that_wikidata_holds_true_count() -> None:
    claims = [make_claim("tt0000001", rank="deprecated"), make_claim("tt0000002"), make_claim("tt0000003", rank="preferred")]
    assert read(make_entity("Q1", claims={"P345": claims})).identifiers == {("imdb", "tt0000003")}
    assert read(make_entity("Q1", claims={"P345": claims[:2]})).identifiers == {("imdb", "tt0000002")}
    assert read(make_entity("Q1", claims={"P345": claims[:1]})).identifiers == set()


def test_every_number_of_an_item_identifies_it_in_its_one_form() -> None:
    claims = {"P345": [make_claim("tt0000001"), make_claim("nm0000001")], "P4947": [make_claim("01"), make_claim("2")]}
    assert read(make_entity("Q1", claims=claims)).identifiers == {("imdb", "tt0000001"), ("tmdb", "1"), ("tmdb", "2")}


def test_a_line_is_parsed_only_if_it_names_a_number_or_seems_cut() -> None:
    assert needs_parsing(encode(MON_ONCLE)) and not needs_parsing(encode(TATI)) and needs_parsing(encode(TATI)[:-1])


def test_an_item_is_known_by_the_head_of_its_line_or_not_at_all() -> None:
    spaced = json.dumps(TATI).encode()
    reordered = encode({"claims": {"P1": [{"id": "Q5$ab"}]}, "id": "Q900"})
    assert all(may_be_item(line, {"Q900"}) for line in (encode(TATI), spaced, reordered))
    assert not may_be_item(encode(TATI), {"Q90"})
