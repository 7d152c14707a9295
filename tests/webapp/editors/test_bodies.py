"""Test that whatever is posted is refused whole or title by title, and never breaks the site."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.contract import MAX_VALUES, Envelope, Product, Title
from tests.webapp.editors.conftest import SAMPLE, EditorClient, make_delivery, make_product, make_title
from webapp.editors.bodies import get_body_slot

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
_SCALARS |= st.sampled_from(["TVOD", "\ud800", "\x00", "9999-12-31", "1e999", "https://vod.example.fr/1", "<script>", 10**30])
_ANY = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4))


def _build_objects(keys: tuple[str, ...], **strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={key: strategies.get(key, _ANY) for key in keys}) | _ANY


_PRODUCTS = st.lists(_build_objects(Product.get_keys()), max_size=3) | _ANY
_TITLES = st.lists(_build_objects((*Title.get_keys(), "ids"), editorProduct=_PRODUCTS), max_size=3) | _ANY
_DELIVERIES = _build_objects(Envelope.get_keys(), editorTitles=_TITLES, totalTitles=st.integers(0, 3), delivery=st.just("full"))


@settings(max_examples=150)
@given(_DELIVERIES)
def test_no_value_posted_breaks_the_site(sqlite_service: EditorClient, value: Any) -> None:
    answer = sqlite_service.post(json.dumps(value).encode(), sqlite_service.recette_key)
    assert answer.status_code in (200, 202, 400, 422), answer.text
    assert answer.get_json(force=True) is not None


@settings(max_examples=80)
@given(
    st.lists(
        _build_objects(Title.get_keys(), editorProduct=st.lists(_build_objects(Product.get_keys()), max_size=3)),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_the_lines_hold_each_has_its_result(sqlite_service: EditorClient, titles: list[Any]) -> None:
    products = sum(len(title.get("editorProduct", [])) for title in titles if isinstance(title, dict)
                   and isinstance(title.get("editorProduct"), list))  # fmt: skip
    content = {"editorTitles": titles, "totalTitles": len(titles), "totalProducts": products}
    report = sqlite_service.post(content, sqlite_service.recette_key).get_json()
    assert len(report["titles"]) == len(titles) and report["counts"]["titles"]["received"] == len(titles)
    assert {title["result"] for title in report["titles"]} <= {"accepted", "rejected"}


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_posted_break_the_site(sqlite_service: EditorClient, data: bytes) -> None:
    for kind in ("application/json", "text/csv"):
        assert sqlite_service.post(data, sqlite_service.recette_key, kind).status_code in (200, 202, 400, 422)


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", 400, "ligne 1, colonne 1"),
        (b'{"editorTitles": [', 400, "ligne 1, colonne 19"),
        (b'{"editorTitles": [{"frTitle": "Le "Grand" Bleu"}]}', 400, "JSON illisible"),
        (b"[" * 50_000, 400, "trop imbriqu"),
        (b'{"totalTitles": NaN}', 400, "un nombre"),
        (b"1" * 5000, 400, "un nombre"),
        (b"[]", 422, "Un objet JSON est attendu"),
        (b"{}", 422, "en-tête"),
        (b'{"editorTitles": [], "totalTitles": 0, "totalProducts": 0}', 422, "aucun titre"),
        (b"\x00\x01", 400, "pas du texte"),
    ],
)
def test_an_unreadable_delivery_is_refused_in_words(sqlite_service: EditorClient, data: bytes, status: int, words: str) -> None:
    answer = sqlite_service.post(data)
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json") and words in problem["detail"]
    assert sqlite_service.list_runs() == []


def test_gzip_is_accepted_and_its_bombs_are_not(sqlite_service: EditorClient, monkeypatch: pytest.MonkeyPatch) -> None:
    compressed = gzip.compress(SAMPLE.read_bytes())
    assert sqlite_service.post(compressed, Content_Encoding="gzip").status_code == 200
    assert sqlite_service.post(compressed[:-9], Content_Encoding="gzip").status_code == 400
    assert sqlite_service.post(b"rien", Content_Encoding="gzip").status_code == 400
    assert sqlite_service.post(compressed, Content_Encoding="br").status_code == 415
    monkeypatch.setattr("webapp.editors.bodies.MAX_BODY", 100_000)
    bomb = sqlite_service.post(gzip.compress(b" " * 200_000), Content_Encoding="gzip")
    assert bomb.status_code == 413 and "Mio au plus" in bomb.get_json(force=True)["detail"]


def test_too_large_a_delivery_is_refused_and_the_rest_of_the_site_takes_none(
    sqlite_service: EditorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sqlite_service.post(b" " * 100_000 + SAMPLE.read_bytes()).status_code == 200
    monkeypatch.setattr("webapp.editors.bodies.MAX_BODY", 10_000)
    refused = sqlite_service.post(b" " * 20_000)
    assert refused.status_code == 413 and "pour un premier catalogue, écrivez-nous" in refused.get_json(force=True)["detail"]
    monkeypatch.setattr("webapp.editors.bodies.MAX_VALUES", 10)
    assert sqlite_service.post(b"[0,0,0,0,0,0,0,0,0,0,0,0]").status_code == 413


def test_a_body_waits_for_its_turn_in_memory_then_gives_up(sqlite_service: EditorClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_service.client.application.app_context():
        slot = get_body_slot()
    monkeypatch.setattr(slot, "timeout", 0.01)
    for key in (sqlite_service.prod_key, sqlite_service.recette_key):
        with slot.reserve():
            busy = sqlite_service.post(SAMPLE.read_bytes(), key)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "30")
        assert "Réessayez dans trente secondes" in busy.get_json(force=True)["detail"]
    assert [sqlite_service.post(data).status_code for data in (b"{", SAMPLE.read_bytes())] == [400, 200]


def test_twenty_thousand_titles_as_in_2016_hold_fewer_values_than_the_most() -> None:
    sample = SAMPLE.read_bytes()
    products = json.loads(sample)["totalProducts"]
    assert products == 3 and 20_000 * sum(map(sample.count, (b",", b"[", b"{"))) < MAX_VALUES


@pytest.mark.parametrize("kind", ["application/xml", "multipart/form-data", "text/plain"])
def test_another_kind_of_content_is_refused(sqlite_service: EditorClient, kind: str) -> None:
    assert sqlite_service.post(SAMPLE.read_bytes(), kind=kind).status_code == 415


def test_a_delta_word_or_a_removal_out_of_place_refuses_the_whole(sqlite_service: EditorClient) -> None:
    for facts in ({"delivery": "partial"}, {"removed": ["2"]}, {"removed": 3}, {"totalTitles": "un"}, {"totalTitles": None}):
        assert sqlite_service.post(make_delivery(make_title("1"), **facts)).status_code == 422


def test_an_unknown_key_of_the_head_is_a_warning(sqlite_service: EditorClient) -> None:
    report = sqlite_service.post(make_delivery(make_title("1", make_product("1")), totalTitre=1, editor={"id": 42})).get_json()
    assert report["warnings"] == [
        {"field": "totalTitre", "reason": "clé inconnue, laissée de côté (peut-être « totalTitles » ?)", "pointer": "/totalTitre"}
    ]
