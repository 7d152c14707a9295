"""The API asked, and its answers held against the models that describe them."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.api.film_schemas import Answer
from webapp.api.problems import Problem

JsonObject = dict[str, Any]


def get_facts(client: FlaskClient, address: str, model: type[Answer]) -> JsonObject:
    """The facts of an answer, which has every name of its model and no other."""
    return read_answer(client.get(f"/api/v1/{address}"), model)


def read_answer(answer: TestResponse, model: type[Answer]) -> JsonObject:
    """The same of an answer that came."""
    assert answer.status_code == 200 and answer.mimetype == "application/json", answer.text
    facts: JsonObject = answer.get_json()
    assert model.model_validate_json(answer.data).model_dump(mode="json") == facts
    assert facts["licence"] == "Licence Ouverte 2.0" and facts["source"] == "http://localhost/" and facts["generated_at"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Credentials" not in answer.headers
    return facts


def read_problem(answer: TestResponse, status: int, anchor: str) -> str:
    """Why an answer is a refusal, in words."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    problem = Problem.model_validate_json(answer.data)
    assert (problem.status, problem.type) == (status, f"http://localhost/api#probleme-{anchor}")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return problem.detail


def read_link_header(answer: TestResponse) -> dict[str, str]:
    """Where other pages are, by relation."""
    found = (one.split("; ") for one in answer.headers.getlist("Link"))
    return {
        relation.removeprefix('rel="').rstrip('"'): address.strip("<>").removeprefix("http://localhost")
        for address, relation in found
    }
