"""The OpenAPI document: what it promises, and schemathesis on all of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.db.engine import writing
from domain.models.film import FilmIdentifier
from tests.webapp.api.checking import existing, try_all
from tests.webapp.api.promised import PROMISED, fields
from webapp.api.document import document
from webapp.api.enum_labels import WORDS
from webapp.api.problems import KINDS
from webapp.api.rate_limit import set_quota
from webapp.core.context import ENGINE

REFRESH = "python -m tests.webapp.api.promised"


def test_no_name_that_was_promised_is_gone_or_changed() -> None:
    promised, found = json.loads(PROMISED.read_text("utf-8")), fields(document())
    gone = {name: kind for name, kind in promised.items() if found.get(name) != kind}
    assert gone == {}, "names of version 1 never change: add another one"
    assert found == promised, f"new names are to be promised: {REFRESH}"


def test_a_name_that_goes_or_changes_is_seen() -> None:
    told: Any = json.loads(json.dumps(document()))
    offer = told["components"]["schemas"]["Offer"]["properties"]
    del offer["price"]
    offer["url"] = {"type": "string"}
    lost = fields(document()).items() - fields(told).items()
    assert {name for name, _ in lost} == {"schemas Offer price", "schemas Offer url"}


def test_every_word_and_every_problem_is_explained_on_the_page(client: FlaskClient) -> None:
    page = client.get("/api").text
    for name, schema in document()["components"]["schemas"].items():
        assert f'id="{name}"' in page and schema["description"]
        if "enum" in schema:
            assert set(schema["enum"]) == set(WORDS[name][1])
    for kind in KINDS.values():
        assert f'id="probleme-{kind.anchor}"' in page
    for path in document()["paths"]:
        assert f"/api/v1{path}</code>" in page


def test_the_document_says_where_it_is_and_may_be_kept(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert (
        answer.get_json()["servers"] == [{"url": "http://localhost/api/v1"}]
        and answer.headers["Access-Control-Allow-Origin"] == "*"
    )
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.long
def test_schemathesis_finds_nothing(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # what it caches goes there
    set_quota(app, 10**9)
    with writing(app.extensions[ENGINE]) as session:
        session.add(FilmIdentifier(film_id=1, scheme="cnc", value="1966/1"))
    tried = try_all(app, examples=2, seed=7)
    assert tried.faults == {} and tried.made["response_schema_conformance"] > 500


def test_schemathesis_sees_a_fault(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    set_quota(app, 10**9)
    told = existing(app)
    told["components"]["schemas"]["Rule"]["properties"]["months"] = {"type": "string"}
    told["paths"] = {"/windows": told["paths"]["/windows"]}
    assert ("response_schema_conformance", "GET /windows") in try_all(app, examples=1, seed=7, document=told).faults
