"""Test every kind of staff page: none is missing from the list, none fails, none has an HTML error."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.webapp.staff.conftest import SAME_ORIGIN, SIGN_IN
from tests.webapp.staff.every_page import ADDRESSES, LOGIN, PASSWORD, fill_staff_site
from tests.webapp.test_html import errors
from webapp.app import create_app

PROVIDED = {"proconnect.start_sign_in", "proconnect.handle_callback"}
"""Pages that are there when an identity provider is named."""


@pytest.fixture
def app(sqlite_engine: Engine) -> Flask:
    fill_staff_site(sqlite_engine, datetime.now(UTC))
    return create_app(sqlite_engine)


def test_every_kind_of_page_is_in_the_list(app: Flask) -> None:
    routes = app.url_map.bind("127.0.0.1")
    listed = {routes.match(address.partition("?")[0])[0] for address in ADDRESSES}
    endpoints = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/agents") and not rule.redirect_to
    }
    assert endpoints - listed == PROVIDED


def test_no_page_fails_or_has_an_html_error(app: Flask, tmp_path: Path) -> None:
    client, folder = app.test_client(), tmp_path / "pages"
    folder.mkdir()
    first = client.get("/agents/connexion")
    client.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD}, headers=SAME_ORIGIN)
    for number, address in enumerate(ADDRESSES):
        answer = first if address == "/agents/connexion" else client.get(address)
        assert answer.status_code == 200, address
        (folder / f"{number}{address.partition('?')[0].replace('/', '_')}.html").write_bytes(answer.data)
    assert errors(folder) == []
