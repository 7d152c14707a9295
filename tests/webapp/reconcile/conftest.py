"""The service over a small base, with the real matcher handed over."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from matcher.reconcile import build_row_matcher
from tests.search.conftest import engine, filled
from webapp.app import create_app
from webapp.reconcile import matcher_holder

__all__ = ["engine", "filled"]
SERVICE = "/api/rapprochement"
Ask = Callable[..., Any]


def wait_until_ready(app: Flask) -> Flask:
    """The application once its matcher has read the base."""
    found: matcher_holder.SharedMatcher = app.extensions["ouvoir.reconciliation"]
    found.start_loading()
    found.wait_until_loaded()
    return app


@pytest.fixture
def site(engine: Engine, moment: datetime) -> Iterator[FlaskClient]:
    app = create_app(engine, build_row_matcher)
    yield wait_until_ready(app).test_client()
    app.extensions["ouvoir.reconciliation"].wait_until_loaded()


@pytest.fixture
def ask(site: FlaskClient) -> Ask:
    """The candidates for one row: a title, and what else is known of the film."""

    def result(title: str | None, limit: int = 5, kind: str | None = None, **properties: object) -> list[dict[str, Any]]:
        told = [{"pid": name, "v": value} for name, value in properties.items()]
        query = {"query": title, "type": kind, "limit": limit, "properties": told}
        sent = json.dumps({"q": {name: value for name, value in query.items() if value is not None}})
        answer = site.post(SERVICE, data={"queries": sent})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["q"]["result"] if answer.json else []
        return found

    return result
