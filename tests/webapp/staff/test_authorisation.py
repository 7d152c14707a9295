"""Every route is asked, with nobody signed in and with each role: what a new route forgets is named here."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.routing import Rule

from domain.accounts.agents import add_agent
from domain.common.enums import Role
from domain.db.engine import write_session
from tests.webapp.staff.conftest import PASSWORD, SAME_ORIGIN, SIGN_IN
from webapp.app import create_app

DOOR = {"sign_in.show_form", "sign_in.create_session", "proconnect.start_sign_in", "proconnect.handle_callback"}
"""The way in: open to whoever is not in yet."""
EVERY_AGENT_POSTS = {"sign_in.sign_out"}
"""What an agent may post whatever their role: their own leaving."""
ADMINS_READ = {"accounts.list_accounts", "accounts.show_account"}
MANAGERS_READ = {"review.show_review", "staff_films.edit_film", "staff_film_merges.show_merge", "staff_film_merges.show_split"}
"""What only prepares a write; the desk also keeps the case it shows from others."""
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
Asked = tuple[str, str, str]
"""Endpoint, method, address."""


def _asked(rules: Iterator[Rule]) -> list[Asked]:
    """Every method of every rule, with a number for each argument, or the first of the words it takes."""
    found = [(rule, method) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(
        (rule.endpoint, method, _ARGUMENT.sub(lambda argument: argument[1] or "1", rule.rule)) for rule, method in found
    )


def _is_desk(address: str) -> bool:
    return address == "/agents" or address.startswith("/agents/")


def of_the_desk(app: Flask) -> list[Asked]:
    return [asked for asked in _asked(app.url_map.iter_rules()) if _is_desk(asked[2]) and asked[0] not in DOOR]


def let_in_unsigned(app: Flask) -> list[Asked]:
    """The routes of the desk that do not lead whoever is not there to sign in."""
    client = app.test_client()
    answers = [(asked, client.open(asked[2], method=asked[1], headers=SAME_ORIGIN)) for asked in of_the_desk(app)]
    led = ((asked, answer.status_code, answer.headers.get("Location", "")) for asked, answer in answers)
    return [asked for asked, status, location in led if status != 303 or not location.startswith(SIGN_IN)]


def not_refused(client: FlaskClient, asked: list[Asked], **sent: str) -> list[Asked]:
    """The routes that do not answer 403."""
    return [one for one in asked if client.open(one[2], method=one[1], headers=SAME_ORIGIN, data=sent).status_code != 403]


@pytest.fixture
def app(sqlite_engine: Engine) -> Flask:
    with write_session(sqlite_engine) as session:
        for role in Role:
            add_agent(session, role, role, PASSWORD, datetime.now(UTC), role)
    return create_app(sqlite_engine)


def signed_in(app: Flask, role: Role) -> tuple[FlaskClient, str]:
    """An agent's browser, and the mark of their forms."""
    client = app.test_client()
    client.post(SIGN_IN, data={"login": role, "password": PASSWORD}, headers=SAME_ORIGIN)
    found = re.search(r'name="csrf" value="([\w.-]+)"', client.get("/agents/historique").text)
    assert found
    return client, found.group(1)


def writes(app: Flask) -> list[Asked]:
    return [asked for asked in of_the_desk(app) if asked[1] != "GET" and asked[0] not in EVERY_AGENT_POSTS]


def test_every_route_of_the_desk_refuses_who_is_not_signed_in(app: Flask) -> None:
    assert len(of_the_desk(app)) > 20 and let_in_unsigned(app) == []


def test_every_write_refuses_a_reader(app: Flask) -> None:
    client, csrf = signed_in(app, Role.READER)
    assert len(writes(app)) > 8 and not_refused(client, writes(app), csrf=csrf) == []


def test_every_write_refuses_a_form_that_is_not_of_the_session(app: Flask) -> None:
    client, _ = signed_in(app, Role.ADMIN)
    posts = [asked for asked in of_the_desk(app) if asked[1] != "GET"]
    assert not_refused(client, posts) == [] and not_refused(client, posts, csrf="0" * 64) == []


def test_accounts_are_for_administrators(app: Flask) -> None:
    client, csrf = signed_in(app, Role.MANAGER)
    accounts = [asked for asked in of_the_desk(app) if asked[0].startswith("accounts.")]
    assert {asked[0] for asked in accounts if asked[1] == "GET"} == ADMINS_READ
    assert not_refused(client, accounts, csrf=csrf) == []


def test_what_a_reader_may_not_read_is_known(app: Flask) -> None:
    client, _ = signed_in(app, Role.READER)
    pages = [asked for asked in of_the_desk(app) if asked[1] == "GET"]
    refused = {one[0] for one in pages if client.get(one[2]).status_code == 403}
    assert refused == ADMINS_READ | MANAGERS_READ


def test_whatever_else_takes_more_than_a_reading_is_listed_with_its_reason(app: Flask) -> None:
    found = {
        endpoint for endpoint, method, address in _asked(app.url_map.iter_rules()) if method != "GET" and not _is_desk(address)
    }
    assert found == set(OPEN_BY_DESIGN)


def test_a_route_that_forgets_the_door_is_named(app: Flask) -> None:
    forgetful = Blueprint("forgetful", __name__, url_prefix="/agents/oubli")
    forgetful.add_url_rule("/<int:number>", "read", lambda number: "lu")
    forgetful.add_url_rule("/tout", "write", lambda: "fait", methods=["POST"])
    app.register_blueprint(forgetful)
    assert {asked[1] for asked in let_in_unsigned(app)} == {"GET", "POST"}
    client, csrf = signed_in(app, Role.READER)
    assert [asked[2] for asked in not_refused(client, writes(app), csrf=csrf)] == ["/agents/oubli/tout"]
