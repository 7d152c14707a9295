"""Rows of a spreadsheet become films, as the protocol wants it."""

import json
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.db.engine import write_session
from domain.models.film import Film, FilmIdentifier
from matcher.reconcile import build_row_matcher
from tests.conftest import NOW
from tests.scene import DUNE_1984, DUNE_2021, GUEPARD, VADROUILLE, build_scene
from tests.search.conftest import AMELIE, ORWELL, SAMURAI
from tests.webapp.reconcile.conftest import SERVICE, Ask, wait_until_ready
from tests.webapp.reconcile.schemas import MANIFEST, RESULTS, list_faults
from webapp.app import create_app

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["year", "directors", "runtime_min", "imdb", "countries", "original_title", "nothing"])
PROPERTIES = st.lists(st.fixed_dictionaries({"pid": NAMES, "v": VALUES}), max_size=3)
QUERIES = st.fixed_dictionaries(
    {}, optional={"query": st.text() | VALUES, "properties": PROPERTIES, "limit": VALUES, "type": VALUES}
)
BATCHES = st.dictionaries(st.text(max_size=4), QUERIES, max_size=3) | VALUES


def test_the_manifest_has_the_shape_and_full_addresses(site: FlaskClient) -> None:
    answer = site.get(SERVICE)
    assert list_faults(MANIFEST, answer.json) == [] and answer.json
    assert answer.json["batchSize"] == 50 and "public" in answer.headers["Cache-Control"]
    for template, number in ((answer.json["view"]["url"], VADROUILLE), (answer.json["preview"]["url"], VADROUILLE)):
        assert site.get(template.replace("{{id}}", str(number)), follow_redirects=True).status_code == 200
    for place in answer.json["suggest"].values():
        assert site.get(place["service_url"] + place["service_path"], query_string={"prefix": "a"}).status_code == 200
    assert site.get(answer.json["documentation"]).status_code == site.get(answer.json["logo"]).status_code == 200


def test_a_title_and_a_director_are_enough_to_be_sure(ask: Ask) -> None:
    best = ask("LA GRANDE VADROUILLE", directors="OURY Gérard")[0]
    assert (best["id"], best["match"], best["description"]) == (str(VADROUILLE), True, "1966, Gérard Oury")
    assert best["score"] > 90 and best["name"] == "La Grande Vadrouille" and "règle : au moins" in best["reason"]


def test_a_title_alone_is_put_forward_and_never_sure(ask: Ask) -> None:
    best = ask("La grande vadrouille")[0]
    assert (best["id"], best["match"]) == (str(VADROUILLE), False) and "titre seul" in best["reason"]


def test_a_director_who_is_another_forbids(ask: Ask) -> None:
    assert not any(one["match"] for one in ask("La Grande Vadrouille", directors="Agnès Varda"))


def test_the_clues_are_told_in_words_with_signed_weights(ask: Ask) -> None:
    told = {one["id"]: one for one in ask("La Grande Vadrouille", year=1990)[0]["features"]}
    assert told["title"]["name"] == "titre identique à la lettre" and told["title"]["value"] > 0
    assert told["year"]["name"] == "plus de cinq ans d'écart" and told["year"]["value"] < 0


def test_homonyms_are_told_apart_by_what_else_is_known(ask: Ask) -> None:
    assert {one["id"] for one in ask("Dune")} >= {str(DUNE_1984), str(DUNE_2021)}
    assert ask("Dune", year=1984, directors="Lynch David")[0]["id"] == str(DUNE_1984)
    assert ask("Dune", year="2021-09-15", directors="Denis Villeneuve")[0]["id"] == str(DUNE_2021)


def test_candidates_come_best_first_and_no_more_than_wanted(ask: Ask) -> None:
    scores = [one["score"] for one in ask("Dune", limit=10)]
    assert scores == sorted(scores, reverse=True) and len(scores) > 1 and len(ask("Dune", limit=1)) == 1


@pytest.mark.parametrize("told", [{"imdb": "tt0060474"}, {"imdb": ["", {"id": "tt0060474", "name": "La Grande Vadrouille"}]}])
def test_a_number_is_enough(ask: Ask, told: dict[str, object]) -> None:
    best = ask(None, **told)[0]
    assert best["id"] == str(VADROUILLE) and "même identifiant" in best["reason"]
    assert ask("La Grande Vadrouille", **told)[0]["match"]


@pytest.mark.parametrize("query", ["tt0060474", "imdb:tt0060474", "IMDb : tt0060474"])
def test_a_number_may_stand_in_the_column_itself(ask: Ask, query: str) -> None:
    assert ask(query)[0]["id"] == str(VADROUILLE)


def test_the_number_of_the_cnc_is_one_too(engine: Engine, moment: datetime) -> None:
    with write_session(engine) as session:
        session.add(FilmIdentifier(film_id=GUEPARD, scheme="cnc", value="2001000042"))
    client = wait_until_ready(create_app(engine, build_row_matcher)).test_client()
    queries = {"a": {"properties": [{"pid": "cnc", "v": 2001000042}]}, "b": {"query": "cnc:2001000042"}}
    told = client.post(SERVICE, data={"queries": json.dumps(queries)}).json or {}
    assert [told[key]["result"][0]["id"] for key in queries] == [str(GUEPARD)] * 2


def test_a_number_that_title_and_people_contradict_is_not_sure(ask: Ask) -> None:
    assert not any(one["match"] for one in ask("Le Guépard", directors="Luchino Visconti", imdb="tt0060474"))


def test_our_own_number_gives_its_film_without_being_sure(ask: Ask) -> None:
    assert [(one["id"], one["match"], one["score"]) for one in ask(str(GUEPARD))] == [(str(GUEPARD), False, 100)]


def test_a_title_in_figures_comes_before_a_number(ask: Ask, engine: Engine) -> None:
    with write_session(engine) as session:
        facts: dict[str, Any] = {"source": "films", "source_ref": "x", "slug": "autre", "content_hash": "", "updated_at": NOW}
        session.add(Film(id=1984, title="Autre film", **facts))
    assert [one["id"] for one in ask("1984")] == [str(ORWELL), "1984"]


def test_cells_reconciled_elsewhere_and_cells_with_several_values_are_read(ask: Ask) -> None:
    director = {"id": "Q8006", "name": "Akira Kurosawa"}
    best = ask("Shichinin no samurai", directors=[director], year=1954.0, countries="Japon, France", runtime_min=True)[0]
    assert best["id"] == str(SAMURAI) and best["match"]


def test_other_titles_serve_too(ask: Ask) -> None:
    assert ask("Titre de travail", original_title="Seven Samurai", directors="Kurosawa")[0]["id"] == str(SAMURAI)


def test_a_type_that_the_film_is_not_forbids(ask: Ask) -> None:
    known = {"directors": "Jean-Pierre Jeunet", "year": 2001}
    sure = [ask("Le Fabuleux Destin d'Amélie Poulain", kind=kind, **known)[0] for kind in ("work", "film", "series")]
    assert [(one["id"], one["match"]) for one in sure] == [(str(AMELIE), True), (str(AMELIE), True), (str(AMELIE), False)]
    assert sure[0]["type"] == [{"id": "film", "name": "Film"}, {"id": "work", "name": "Œuvre"}]


def test_nothing_near_gives_an_empty_result(ask: Ask) -> None:
    assert ask("Xyzzy") == ask("") == ask("", year="inconnue") == []


def test_a_form_and_an_address_are_answered_alike_and_kept_by_nobody(site: FlaskClient) -> None:
    batch = json.dumps({"a": {"query": "Dune"}, "": {"query": "Le Guépard", "type": ["film", "short"], "type_strict": "should"}})
    posted, got = site.post(SERVICE, data={"queries": batch}), site.get(SERVICE, query_string={"queries": batch})
    assert posted.json == got.json and list(posted.json or ()) == ["a", ""] and list_faults(RESULTS, posted.json) == []
    assert {answer.headers["Cache-Control"] for answer in (posted, got)} == {"no-store"}
    assert site.post(SERVICE, data={"queries": "{}"}).json == {}


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ("{", "JSON attendu"),
        ("[" * 100_000, "JSON attendu"),
        ("[]", "champ « racine »"),
        ('{"a": {}}', "champ « a »"),
        ('{"a": {"query": "x", "limit": 0}}', "champ « a.limit »"),
        ('{"a": {"query": "x", "size": 1}}', "champ « a.size »"),
        ('{"a": {"properties": [{"pid": "year", "v": null}]}}', "champ « a.properties.0.v »"),
        ('{"a": {"query": "x", "type": "person"}}', "Type « person » inconnu (attendus : work, film"),
        ('{"a": {"query": "x", "properties": [{"pid": "actor", "v": "y"}]}}', "Propriété « actor »"),
        ('{"a": {"query": "x", "properties": [{"pid": "services", "v": "y"}]}}', "Propriété « services »"),
        ('{"a": {"query": "x", "type": "\\ud800"}}', "Type «  » inconnu"),
        ('{"a": {"query": "x", "properties": [{"pid": "\\ud800", "v": "y"}]}}', "Propriété «  »"),
    ],
)
def test_what_is_not_of_the_protocol_is_refused_with_its_place(site: FlaskClient, queries: str, said: str) -> None:
    answer = site.post(SERVICE, data={"queries": queries})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json") and said in answer.text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("?callback=run", 400, "JSONP"),
        ("?callback=run&queries={}", 400, "JSONP"),
        ("?lang=fr", 400, "un seul"),
        ("?queries={}&extend={}", 400, "un seul"),
        ("/suggestions/films?prefix=a&cursor=-1", 400, "« cursor »"),
        (f"/suggestions/films?prefix={'a' * 201}", 400, "200 caractères"),
        ("/proprietes?type=person", 400, "Type « person »"),
        ("/suggestions/nothing", 404, ""),
    ],
)
def test_addresses_that_are_not_of_the_service_are_refused(site: FlaskClient, address: str, status: int, said: str) -> None:
    answer = site.get(SERVICE + address)
    assert answer.status_code == status and said in answer.text and answer.headers["Access-Control-Allow-Origin"] == "*"


def test_too_much_at_once_is_refused(site: FlaskClient) -> None:
    batch = json.dumps({str(place): {"query": "Dune"} for place in range(51)})
    assert site.post(SERVICE, data={"queries": batch}).status_code == 413
    assert site.post(SERVICE, data={"queries": "x" * 600_000}).status_code == 413
    assert site.post(SERVICE, data={}).status_code == 400


@settings(max_examples=150)
@given(BATCHES)
def test_whatever_is_sent_is_answered_or_refused(site: FlaskClient, batch: object) -> None:
    answer = site.post(SERVICE, data={"queries": json.dumps(batch)})
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or list_faults(RESULTS, answer.json) == []


def test_both_databases_give_the_same_answers(sqlite_engine: Engine, postgresql_engine: Engine, moment: datetime) -> None:
    batch = json.dumps(
        {"a": {"query": "Dune"}, "b": {"query": "La Grande Vadrouille", "properties": [{"pid": "year", "v": 1966}]}}
    )
    names = ("title", "year", "release_date", "directors", "imdb", "other_titles", "services", "services_rent")
    extension = json.dumps({"ids": ["1", "4", "99999999999", "x"], "properties": [{"id": name} for name in names]})
    answers: list[list[Any]] = []
    for engine in (sqlite_engine, postgresql_engine):
        build_scene(engine, NOW)
        client = wait_until_ready(create_app(engine, build_row_matcher)).test_client()
        answers.append([client.post(SERVICE, data=sent).json for sent in ({"queries": batch}, {"extend": extension})])
    assert answers[0] == answers[1] and answers[0][0]["b"]["result"][0]["match"]
