"""The base is read once, beside, and again when it has changed; one batch is matched at a time."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session

from domain.db.engine import write_session
from domain.linking.protocol import Reconciler, ReconciliationQuery, ReconciliationResult
from matcher.reconcile import build_row_matcher
from tests.conftest import NOW
from tests.scene import add_film
from tests.webapp.reconcile.conftest import SERVICE
from webapp.app import create_app
from webapp.core.context import UnavailableError
from webapp.reconcile import matcher_holder
from webapp.reconcile.matcher_holder import SharedMatcher

BATCH = {"queries": json.dumps({"q": {"query": "Nouveau film"}})}
NOTHING = ReconciliationResult((), False, "")


class Gate:
    """A matcher that lets nobody in until it is opened."""

    def __init__(self) -> None:
        self.reads, self.open, self.entered = 0, threading.Event(), threading.Event()

    def read(self, session: Session) -> Reconciler:
        self.reads += 1
        self.open.wait(10)
        return self.match

    def match(self, rows: Sequence[ReconciliationQuery], most: int) -> list[ReconciliationResult]:
        self.entered.set()
        self.open.wait(10)
        return [NOTHING for _ in rows]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setattr(matcher_holder, "_WAIT_SECONDS", 0.01)
    made = Gate()
    yield made
    made.open.set()


def made_app(engine: Engine, read: Callable[[Session], Reconciler] | None) -> tuple[Flask, FlaskClient, SharedMatcher]:
    app = create_app(engine, read)
    return app, app.test_client(), app.extensions["ouvoir.reconciliation"]


def test_while_the_base_is_first_read_clients_are_told_to_come_back(sqlite_engine: Engine, gate: Gate) -> None:
    _, client, matcher = made_app(sqlite_engine, gate.read)
    assert client.get(SERVICE).status_code == 200
    early = client.post(SERVICE, data=BATCH)
    assert early.status_code == 503 and int(early.headers["Retry-After"]) <= 10 and "lit la base" in early.text
    assert early.content_type == "application/problem+json" and early.headers["Access-Control-Allow-Origin"] == "*"
    gate.open.set()
    matcher.wait_until_loaded()
    assert client.post(SERVICE, data=BATCH).json == {"q": {"result": []}} and gate.reads == 1


def test_without_a_matcher_the_service_says_so_and_its_other_pages_answer(sqlite_engine: Engine) -> None:
    _, client, _ = made_app(sqlite_engine, None)
    assert [client.get(SERVICE).status_code, client.post(SERVICE, data=BATCH).status_code] == [503, 503]
    assert client.get("/rapprocher").status_code == client.get(f"{SERVICE}/suggestions/types").status_code == 200


def test_one_batch_is_matched_at_a_time_and_few_wait(sqlite_engine: Engine, gate: Gate) -> None:
    _, _, matcher = made_app(sqlite_engine, lambda session: gate.match)
    matcher.start_loading()
    matcher.wait_until_loaded()
    first = threading.Thread(target=matcher.match_rows, args=([ReconciliationQuery()], 5))
    first.start()
    assert gate.entered.wait(10)
    with pytest.raises(UnavailableError, match="D’autres listes"):
        matcher.match_rows([ReconciliationQuery()], 5)
    gate.open.set()
    first.join(10)
    assert matcher.match_rows([ReconciliationQuery()], 5) == [NOTHING]


def test_a_film_that_comes_is_found_once_the_base_is_read_again(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _, client, matcher = made_app(sqlite_engine, build_row_matcher)

    def found() -> list[str]:
        matcher.start_loading()
        matcher.wait_until_loaded()
        return [one["id"] for one in (client.post(SERVICE, data=BATCH).json or {})["q"]["result"]]

    assert found() == []
    with write_session(sqlite_engine) as session:
        add_film(session, 7, "Nouveau film", updated=NOW + timedelta(days=1))
    assert found() == []  # ten minutes pass between two readings
    monkeypatch.setattr(matcher_holder, "_REFRESH_SECONDS", 0.0)
    assert found() == ["7"]


def test_a_base_that_did_not_change_is_not_read_again(sqlite_engine: Engine, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher_holder, "_REFRESH_SECONDS", 0.0)
    gate.open.set()
    _, client, matcher = made_app(sqlite_engine, gate.read)
    for _ in range(3):
        matcher.start_loading()
        matcher.wait_until_loaded()
        client.post(SERVICE, data=BATCH)
    assert gate.reads == 1


def test_a_reading_that_fails_is_tried_again(sqlite_engine: Engine, gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    def fail(session: Session) -> Reconciler:
        raise ZeroDivisionError

    outcomes: list[Callable[[Session], Reconciler]] = [fail, lambda session: gate.match]
    gate.open.set()
    _, client, matcher = made_app(sqlite_engine, lambda session: outcomes.pop(0)(session))
    matcher.start_loading()
    matcher.wait_until_loaded()
    assert "la base n'a pas pu être lue" in caplog.text
    matcher.start_loading()
    matcher.wait_until_loaded()
    assert client.post(SERVICE, data=BATCH).status_code == 200
