"""Many films in one call."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.scene import DUNE_2021, GUEPARD, VADROUILLE
from tests.webapp.api.requests import read_answer, read_problem
from webapp.api import lookup
from webapp.api.schemas import LookupAnswer
from webapp.core.work_slots import WorkSlots

ADDRESS = "/api/v1/lookup"


def asked(client: FlaskClient, *items: dict[str, Any], **more: Any) -> list[tuple[str, int | None]]:
    facts = read_answer(client.post(ADDRESS, json={"items": items, **more}), LookupAnswer)
    return [(one["status"], one["film"] and one["film"]["id"]) for one in facts["results"]]


def test_each_line_has_its_answer_at_its_place(client: FlaskClient) -> None:
    lines: list[dict[str, Any]] = [
        {"title": "Dune", "year": 2021},
        {"id": VADROUILLE},
        {"scheme": "imdb", "value": "tt0060474"},
        {"id": 999},
    ]
    lines += [{"title": "Le Guépard", "directors": ["Luchino Visconti"]}, {"scheme": "cnc", "value": "rien"}]
    assert asked(client, *lines) == [
        ("found", DUNE_2021),
        ("found", VADROUILLE),
        ("found", VADROUILLE),
        ("unknown", None),
        ("found", GUEPARD),
        ("unknown", None),
    ]


def test_a_title_is_answered_only_when_it_is_sure(client: FlaskClient) -> None:
    doubtful: list[dict[str, Any]] = [
        {"title": "Dune"},
        {"title": "Dune", "year": 1999},
        {"title": "La Grande Vadrouile", "year": 1966},
    ]
    assert {status for status, film in asked(client, *doubtful) if film is None} == {"doubtful"}
    assert asked(client, {"title": "\u200b"}, {"title": "xyzzy", "directors": ["\u200b"]}) == [("unknown", None)] * 2


def test_offers_come_with_their_evidence_in_the_neutral_order(client: FlaskClient) -> None:
    answer = client.post(ADDRESS, json={"items": [{"id": VADROUILLE}, {"id": GUEPARD}], "offers": True})
    first, second = [one["film"] for one in read_answer(answer, LookupAnswer)["results"]]
    alone = client.get(f"/api/v1/films/{VADROUILLE}").get_json()
    assert first["offers"] == alone["offers"] and second["offers"] == [] and answer.get_json()["order"] == alone["order"]
    assert first["accesses"] == ["catch-up", "subscription", "rent", "buy"] and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("[1]", "un objet JSON"),
        ("{", "JSON illisible"),
        ('{"items": [], "offers": true}', "« items »"),
        ('{"items": [{"id": 1}], "prix": 1}', "« prix »"),
        ('{"items": [{"id": "1"}]}', "la ligne 0 de « items »"),
        ('{"items": [{"id": 1}, {"title": "Dune", "year": 12}]}', "la ligne 1 de « items »"),
        ('{"items": [{"scheme": "imbd", "value": "tt0060474"}]}', "la ligne 0"),
        ('{"items": [{"title": "\\ud800"}]}', "JSON illisible"),
        (f'{{"items": [{",".join(["{}"] * 501)}]}}', "« items »"),
        ("[" * 100_000, "JSON illisible"),
    ],
)
def test_a_bad_body_is_refused_and_named(client: FlaskClient, sent: str, words: str) -> None:
    answer = client.post(ADDRESS, data=sent, content_type="application/json")
    assert words in read_problem(answer, 400, "parametre")


def test_other_formats_weights_and_methods_are_refused(client: FlaskClient) -> None:
    assert "JSON" in read_problem(client.post(ADDRESS, data="items=1"), 415, "format")
    read_problem(client.post(ADDRESS, data=b" " * 300_001, content_type="application/json"), 413, "trop-lourd")
    read_problem(client.post(f"{ADDRESS}?q=1", json={"items": [{"id": 1}]}), 400, "parametre")
    answer = client.get(ADDRESS)
    read_problem(answer, 405, "methode")
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_too_many_lists_of_titles_at_once_wait_their_turn(client: FlaskClient) -> None:
    slots = WorkSlots(1, timeout=0.01)
    client.application.extensions[lookup.SLOTS_KEY] = slots
    with slots.reserve("occupé"):
        assert "listes de titres" in read_problem(client.post(ADDRESS, json={"items": [{"title": "Dune"}]}), 503, "indisponible")
        assert asked(client, {"id": 1}) == [("found", 1)]


def test_other_sites_may_send_from_a_browser(client: FlaskClient) -> None:
    answer = client.options(ADDRESS, headers={"Origin": "https://cinema.example", "Access-Control-Request-Method": "POST"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
