"""The programming interface."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from domain.db.engine import write_session
from domain.models.film import Film
from tests.scene import DUNE_1984, DUNE_2021


def told(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    facts: dict[str, Any] = answer.get_json()
    return facts


def test_a_search_gives_films_and_their_pages(client: FlaskClient) -> None:
    facts = told(client, "/api/v1/films?q=dune")
    assert [film["id"] for film in facts["films"]] == [DUNE_2021, DUNE_1984]
    assert (facts["total"], facts["page"], facts["pages"], facts["approximate"]) == (2, 1, 1, False)
    assert facts["films"][0]["accesses"] == ["rent", "buy"] and facts["films"][1]["accesses"] == []
    assert facts["films"][1]["page"] == "http://localhost/films/3-dune"
    assert facts["licence"] == "Licence Ouverte 2.0" and facts["generated_at"] == "2026-11-22T13:37:00Z"


def test_a_film_has_its_titles_identifiers_and_order(client: FlaskClient) -> None:
    facts = told(client, "/api/v1/films/1")
    assert facts["identifiers"] == {"imdb": ["tt0060474"]} and facts["release_date"] == "1966-12-08"
    assert facts["titles"] == [{"title": "La Grande Vadrouille", "kind": "display", "language": "fr"}]
    assert facts["order"] == {
        "drawn_at": "2026-11-22T13:35:00Z",
        "period_seconds": 300,
        "label": "Ordre tiré au sort pour la période commençant à 14\xa0h\xa035",
    }


def test_an_offer_carries_its_evidence(client: FlaskClient) -> None:
    offers = told(client, "/api/v1/films/1")["offers"]
    offer = next(offer for offer in offers if offer["platform"]["slug"] == "cine" and offer["access"] == "rent")
    link = {"decided_by": "matcher test", "decided_at": "2026-11-22T12:37:00Z", "probability": None, "reason": "titre exact"}
    assert offer == {
        "id": offer["id"],
        "platform": {"slug": "cine", "name": "Ciné Exemple"},
        **{"access": "rent", "access_label": "Location", "quality": "HD", "languages": ["VF"], "edition": None},
        **{"price": "2.99", "price_cents": 299, "currency": "EUR", "price_label": "2,99\xa0€"},
        **{"audio_description": True, "sdh": False, "starts": None, "ends": None, "url": "https://service.example/film"},
        **{"first_seen": "2026-11-22T12:37:00Z", "last_seen": "2026-11-22T12:37:00Z", "run": offer["run"], "link": link},
    }


def test_an_unknown_price_is_null_and_said(client: FlaskClient) -> None:
    offers = told(client, "/api/v1/films/1")["offers"]
    (offer,) = [offer for offer in offers if offer["platform"]["slug"] == "kiosque"]
    assert (offer["price"], offer["price_cents"], offer["price_label"]) == (None, None, "prix chez le service")


def test_offers_come_as_on_the_page(client: FlaskClient) -> None:
    offers, page = told(client, "/api/v1/films/1")["offers"], client.get("/films/1-la-grande-vadrouille").text
    shown = [offer["platform"]["name"] for offer in offers if offer["access"] == "rent"]
    rentals = page[page.index("<h3>Location") : page.index("<h3>Achat")]
    assert shown == sorted(shown, key=rentals.index)


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient, sqlite_engine: Engine) -> None:
    first = client.get("/api/v1/films/1")
    assert first.headers["Cache-Control"] == "public, max-age=180"
    again = client.get("/api/v1/films/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["Access-Control-Allow-Origin"]) == (304, b"", "*")
    with write_session(sqlite_engine) as session:
        session.exec(select(Film).where(Film.id == 1)).one().title = "Autre titre"
    assert client.get("/api/v1/films/1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/films", 400, "« q »"),
        ("/api/v1/films?q=+", 400, "« q »"),
        ("/api/v1/films?q=dune&sort=price", 400, "« sort »"),
        ("/api/v1/films?q=dune&page=0", 400, "« page »"),
        ("/api/v1/films/1?prix=1", 400, "« prix »"),
        ("/api/v1/films/999", 404, "Il n’y a ni page ni film"),
        ("/api/v1/rien", 404, "Il n’y a ni page ni film"),
    ],
)
def test_errors_are_problem_details_in_french(client: FlaskClient, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    problem: dict[str, Any] = answer.get_json(force=True)
    assert (answer.status_code, answer.mimetype, problem["status"]) == (status, "application/problem+json", status)
    assert words in problem["detail"] and set(problem) == {"type", "title", "status", "detail"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_page_past_the_last_is_empty(client: FlaskClient) -> None:
    assert told(client, "/api/v1/films?q=dune&page=7")["films"] == []
