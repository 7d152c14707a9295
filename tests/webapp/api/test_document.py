"""The OpenAPI document: what it promises, and schemathesis on all of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.db.engine import write_session
from domain.models.film import FilmIdentifier
from tests.webapp.api.checking import build_document, fuzz_document
from tests.webapp.api.promised import FIELDS_FILE, list_fields
from webapp.api.document import build_openapi_document
from webapp.api.enum_labels import ENUM_DESCRIPTIONS
from webapp.api.problems import PROBLEM_KINDS
from webapp.api.rate_limit import set_quota
from webapp.core.context import ENGINE_KEY

REFRESH = "python -m tests.webapp.api.promised"


def test_no_name_that_was_promised_is_gone_or_changed() -> None:
    promised, found = json.loads(FIELDS_FILE.read_text("utf-8")), list_fields(build_openapi_document())
    gone = {name: kind for name, kind in promised.items() if found.get(name) != kind}
    assert gone == {}, "names of version 1 never change: add another one"
    assert found == promised, f"new names are to be promised: {REFRESH}"


def test_a_name_that_goes_or_changes_is_seen() -> None:
    told: Any = json.loads(json.dumps(build_openapi_document()))
    offer = told["components"]["schemas"]["Offer"]["properties"]
    del offer["price"]
    offer["url"] = {"type": "string"}
    lost = list_fields(build_openapi_document()).items() - list_fields(told).items()
    assert {name for name, _ in lost} == {"schemas Offer price", "schemas Offer url"}


def test_every_word_and_every_problem_is_explained_on_the_page(client: FlaskClient) -> None:
    page = client.get("/api").text
    for name, schema in build_openapi_document()["components"]["schemas"].items():
        assert f'id="{name}"' in page and schema["description"]
        if "enum" in schema:
            assert set(schema["enum"]) == set(ENUM_DESCRIPTIONS[name][1])
    for kind in PROBLEM_KINDS.values():
        assert f'id="probleme-{kind.anchor}"' in page
    for path in build_openapi_document()["paths"]:
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
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.add(FilmIdentifier(film_id=1, scheme="cnc", value="1966/1"))
    tried = fuzz_document(app, examples=2, seed=7)
    assert tried.faults == {} and tried.checks["response_schema_conformance"] > 500


def test_schemathesis_sees_a_fault(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    set_quota(app, 10**9)
    told = build_document(app)
    told["components"]["schemas"]["Rule"]["properties"]["months"] = {"type": "string"}
    told["paths"] = {"/windows": told["paths"]["/windows"]}
    assert ("response_schema_conformance", "GET /windows") in fuzz_document(app, examples=1, seed=7, document=told).faults
