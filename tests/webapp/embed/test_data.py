"""What the element reads: the right film, few bytes, the neutral order, no doubt passed over."""

import gzip
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.common.enums import LegalBasis
from domain.db.engine import write_session
from domain.models.film import FilmIdentifier
from domain.models.platform import Platform
from domain.offers.neutral_order import compute_draw_key
from tests.conftest import NOW
from tests.scene import VADROUILLE

ADDRESS = "/widget/v1/film.json"
NUMBERS = {"cnc": "2001000001", "visa": "31222", "isan": "0000000143CD0000", "tmdb": "8290", "allocine": "4006"}
NUMBERS |= {"senscritique": "383540", "wikidata": "Q734402", "eidr": "10.5240/7791-8534-2C23-9030-8610-5"}


def told(client: FlaskClient, address: str = ADDRESS, **asked: str) -> dict[str, Any]:
    answer = client.get(address, query_string=asked)
    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*", answer.text
    facts: dict[str, Any] = answer.get_json()
    return facts


def refused(client: FlaskClient, **asked: str) -> str:
    answer = client.get(ADDRESS, query_string=asked)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return str(answer.get_json()["detail"])


def test_the_film_and_its_offers_are_told(client: FlaskClient) -> None:
    facts = told(client, film="1")
    assert facts["film"] == {
        "id": 1,
        "title": "La Grande Vadrouille",
        "year": 1966,
        "page": "http://localhost/films/1-la-grande-vadrouille",
    }
    assert [group["label"] for group in facts["groups"]] == ["En rattrapage (replay)", "Par abonnement", "Location", "Achat"]
    rented = {offer["service"]: offer for offer in facts["groups"][2]["offers"]}
    assert rented["cine"]["price"] == "2,99\xa0€" and rented["cine"]["quality"] == "HD"
    assert rented["kiosque"]["price"] == "prix chez le service" and "exit" not in rented["boitier"]
    assert client.get(rented["cine"]["exit"]).headers["Location"] == "https://service.example/film"
    assert facts["notice"] == "Données de démonstration." and facts["licence"] == "Licence Ouverte 2.0"


def test_services_stand_in_the_neutral_order_of_the_period(client: FlaskClient) -> None:
    facts = told(client, film="1")
    slugs = [service["slug"] for service in facts["services"]]
    assert slugs == sorted(slugs, key=lambda slug: compute_draw_key(VADROUILLE, slug, NOW)) and len(slugs) == 5
    for group in facts["groups"]:
        places = [slugs.index(offer["service"]) for offer in group["offers"]]
        assert places == sorted(places)
    assert facts["drawn_at"] == "2026-11-22T13:35:00Z" and facts["order"].endswith("14\xa0h\xa035.")


def test_the_answer_may_be_kept_for_the_period(client: FlaskClient) -> None:
    answer = client.get(ADDRESS, query_string={"film": "1"})
    assert answer.headers["Cache-Control"] == "public, max-age=180" and answer.headers["ETag"]
    again = client.get(ADDRESS, query_string={"film": "1"}, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and len(gzip.compress(answer.data)) < 1_000


def test_every_identifier_leads_to_the_film(client: FlaskClient, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        session.add_all(FilmIdentifier(film_id=VADROUILLE, scheme=scheme, value=value) for scheme, value in NUMBERS.items())
    for scheme, value in (NUMBERS | {"imdb": "tt0060474"}).items():
        assert told(client, film=f"{scheme}:{value}")["film"]["id"] == VADROUILLE, scheme
        assert client.get(f"/widget/{scheme}:{value}").status_code == 200, scheme
    assert told(client, film="imdb:TT60474".replace("TT", "tt00"))["film"]["id"] == VADROUILLE


def test_a_title_is_answered_only_without_a_doubt(client: FlaskClient) -> None:
    def found(**asked: str) -> int | None:
        film = told(client, **asked)["film"]
        return film["id"] if film else None

    assert found(title="La grande vadrouille", year="1966") == found(title="la grande vadrouille", director="Gérard Oury") == 1
    assert found(title="Dune", year="1984", director="David Lynch") == 3
    assert found(title="Dune", year="2021", director="Villeneuve, Autre Nom") == 4
    assert found(title="La grande vadrouille", year="1999") is None
    assert found(title="Dune", year="1984", director="Denis Villeneuve") is None
    assert found(title="La grande vadrouile", year="1966") is None


@pytest.mark.parametrize("film", ["999", "4294967296", "imdb:tt9999999", "cnc:1", "visa:7"])
def test_a_film_that_we_do_not_know_is_told_as_none(client: FlaskClient, film: str) -> None:
    assert told(client, film=film) == {"film": None}


@pytest.mark.parametrize(
    "film", ["", "abc", "-1", "imdb:", "imdb:12", "imdb:tt", "isan:0", "livre:12", ":", "1;2", "12345678901", "cnc:\x00", "imdb"]
)
def test_a_number_that_is_none_is_refused_in_words(client: FlaskClient, film: str) -> None:
    assert "attendu" in (message := refused(client, film=film)) or "bien formé" in message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Un film est attendu"),
        ({"title": "Dune"}, "Un film est attendu"),
        ({"year": "1984"}, "Un film est attendu"),
        ({"film": "1", "title": "Dune"}, "« film » suffit"),
        ({"film": "1", "lang": "en"}, "Paramètre inconnu : « lang »"),
        ({"title": "Dune", "year": "84"}, "« year » est une année"),
        ({"title": "x" * 301, "year": "1984"}, "limités à 300"),
    ],
)
def test_what_is_not_understood_is_refused(client: FlaskClient, params: dict[str, str], message: str) -> None:
    assert message in refused(client, **params)


def test_the_words_are_english_under_en(client: FlaskClient) -> None:
    facts = told(client, f"/en{ADDRESS}", film="1")
    assert "Rental" in [group["label"] for group in facts["groups"]]
    assert facts["source"] == "http://localhost/" and "/en/sortie/" in str(facts["groups"])


def test_a_real_service_has_no_notice(client: FlaskClient, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        for platform in session.exec(select(Platform).where(col(Platform.id).is_not(None))):
            platform.legal_basis = LegalBasis.CONTRACT
    assert "notice" not in told(client, film="1")


@settings(max_examples=60)
@given(film=st.text(max_size=40), scheme=st.sampled_from(["", "imdb:", "cnc:", "isan:", "eidr:"]), title=st.text(max_size=40))
def test_whatever_is_asked_gets_an_answer(client: FlaskClient, film: str, scheme: str, title: str) -> None:
    assert client.get(ADDRESS, query_string={"film": scheme + film}).status_code in (200, 400)
    assert client.get(ADDRESS, query_string={"title": title, "director": film}).status_code in (200, 400)
