"""Request every route, with nobody signed in and with each role: a new route that forgets its decorator is named here."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from domain.accounts.agents import add_agent
from domain.common.enums import Role
from domain.db.engine import write_session
from tests.webapp.staff.conftest import PASSWORD, SAME_ORIGIN, SIGN_IN
from webapp.app import create_app

SIGN_IN_ENDPOINTS = {"sign_in.show_form", "sign_in.create_session", "proconnect.start_sign_in", "proconnect.handle_callback"}
"""Routes open to whoever is not signed in yet."""
EVERY_AGENT_POSTS = {"sign_in.sign_out"}
"""Routes that an agent may post to whatever their role: signing out."""
ADMINS_READ = {"accounts.list_accounts", "accounts.show_account"}
MANAGERS_READ = {"review.show_review", "staff_films.edit_film", "staff_film_merges.show_merge", "staff_film_merges.show_split"}
"""Routes that only prepare a write; reviewing also keeps the case it shows from other agents."""
OPEN_BY_DESIGN = {
    "lists.submit_list": "a reader's own list, answered and not kept",
    "reports.send_report": "a reader says what is wrong",
    "reports.send_missing_film": "a reader names a film that is not found",
    "api.lookup": "up to 500 films at once, nothing written",
    "reconcile.handle_request": "OpenRefine's questions, nothing written",
    "editors.create_delivery": "asks for the editor's key",
    "editors_api.create_delivery": "asks for the editor's key",
}
_ARGUMENT = re.compile(r"<(?:any\((\w+)[^)]*\):)?[^>]+>")


class RequestCase(NamedTuple):
    """Represent a method of a route, with an address that it matches."""

    endpoint: str
    method: str
    address: str

    def send(self, client: FlaskClient, **form: str) -> TestResponse:
        return client.open(self.address, method=self.method, headers=SAME_ORIGIN, data=form)


def list_requests(rules: Iterator[Rule]) -> list[RequestCase]:
    """Return every method of every rule, with 1 for each argument, or the first of the words it takes."""
    cases = []
    for rule in rules:
        address = _ARGUMENT.sub(lambda argument: argument[1] or "1", rule.rule)
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        cases += [RequestCase(rule.endpoint, method, address) for method in methods]
    return sorted(cases)


def is_staff_address(address: str) -> bool:
    return address == "/agents" or address.startswith("/agents/")


def list_staff_requests(app: Flask) -> list[RequestCase]:
    cases = list_requests(app.url_map.iter_rules())
    return [case for case in cases if is_staff_address(case.address) and case.endpoint not in SIGN_IN_ENDPOINTS]


def list_writes(app: Flask) -> list[RequestCase]:
    return [case for case in list_staff_requests(app) if case.method != "GET" and case.endpoint not in EVERY_AGENT_POSTS]


def list_open_without_session(app: Flask) -> list[RequestCase]:
    """Return the staff routes that do not redirect to the sign-in form when nobody is signed in."""
    client = app.test_client()
    cases = []
    for case in list_staff_requests(app):
        response = case.send(client)
        if response.status_code != 303 or not response.headers.get("Location", "").startswith(SIGN_IN):
            cases.append(case)
    return cases


def list_not_refused(client: FlaskClient, cases: list[RequestCase], **form: str) -> list[RequestCase]:
    """Return the routes that do not answer 403."""
    return [case for case in cases if case.send(client, **form).status_code != 403]


@pytest.fixture
def app(sqlite_engine: Engine) -> Flask:
    with write_session(sqlite_engine) as session:
        for role in Role:
            add_agent(session, role, role, PASSWORD, datetime.now(UTC), role)
    return create_app(sqlite_engine)


def sign_in_as(app: Flask, role: Role) -> tuple[FlaskClient, str]:
    """Return an agent's browser, and the token of their forms."""
    client = app.test_client()
    client.post(SIGN_IN, data={"login": role, "password": PASSWORD}, headers=SAME_ORIGIN)
    match = re.search(r'name="csrf" value="([\w.-]+)"', client.get("/agents/historique").text)
    assert match
    return client, match.group(1)


def test_every_route_of_the_desk_refuses_who_is_not_signed_in(app: Flask) -> None:
    assert len(list_staff_requests(app)) > 20 and list_open_without_session(app) == []


def test_every_write_refuses_a_reader(app: Flask) -> None:
    client, csrf = sign_in_as(app, Role.READER)
    assert len(list_writes(app)) > 8 and list_not_refused(client, list_writes(app), csrf=csrf) == []


def test_every_write_refuses_a_form_that_is_not_of_the_session(app: Flask) -> None:
    client, _ = sign_in_as(app, Role.ADMIN)
    posts = [case for case in list_staff_requests(app) if case.method != "GET"]
    assert list_not_refused(client, posts) == [] and list_not_refused(client, posts, csrf="0" * 64) == []


def test_accounts_are_for_administrators(app: Flask) -> None:
    client, csrf = sign_in_as(app, Role.MANAGER)
    accounts = [case for case in list_staff_requests(app) if case.endpoint.startswith("accounts.")]
    assert {case.endpoint for case in accounts if case.method == "GET"} == ADMINS_READ
    assert list_not_refused(client, accounts, csrf=csrf) == []


def test_what_a_reader_may_not_read_is_known(app: Flask) -> None:
    client, _ = sign_in_as(app, Role.READER)
    pages = [case for case in list_staff_requests(app) if case.method == "GET"]
    refused = {case.endpoint for case in pages if client.get(case.address).status_code == 403}
    assert refused == ADMINS_READ | MANAGERS_READ


def test_whatever_else_takes_more_than_a_reading_is_listed_with_its_reason(app: Flask) -> None:
    cases = list_requests(app.url_map.iter_rules())
    endpoints = {case.endpoint for case in cases if case.method != "GET" and not is_staff_address(case.address)}
    assert endpoints == set(OPEN_BY_DESIGN)


def test_a_route_that_forgets_the_door_is_named(app: Flask) -> None:
    forgetful = Blueprint("forgetful", __name__, url_prefix="/agents/oubli")
    forgetful.add_url_rule("/<int:number>", "read", lambda number: "lu")
    forgetful.add_url_rule("/tout", "write", lambda: "fait", methods=["POST"])
    app.register_blueprint(forgetful)
    assert {case.method for case in list_open_without_session(app)} == {"GET", "POST"}
    client, csrf = sign_in_as(app, Role.READER)
    assert [case.address for case in list_not_refused(client, list_writes(app), csrf=csrf)] == ["/agents/oubli/tout"]
