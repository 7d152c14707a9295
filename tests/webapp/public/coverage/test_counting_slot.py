"""A heavy report does not bring the site down: tables are counted one at a time, and others are asked to come back."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from domain.coverage.registry import TABLE_KEYS
from webapp.core.context import ENGINE_KEY
from webapp.core.work_slots import WorkSlots
from webapp.public.coverage.counting_slot import SLOTS_KEY

ADDRESSES = ("/couverture/tableaux/t1", "/couverture/tableaux/t1.csv", "/couverture/tableaux/t1.xlsx", "/couverture/rapport")


@pytest.fixture
def slots(reader: FlaskClient) -> WorkSlots:
    slots: WorkSlots = reader.application.extensions[SLOTS_KEY]
    return slots


def test_while_a_table_is_counted_the_next_waits_then_is_asked_to_come_back(
    reader: FlaskClient, slots: WorkSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "timeout", 0.01)
    with slots.reserve("busy"):
        for address in ADDRESSES:
            answer = reader.get(address)
            assert answer.status_code == 503 and answer.headers["Retry-After"] == "10"
            assert "réessayez dans quelques secondes" in answer.text
        assert reader.get("/couverture/tableaux").status_code == 200, "what is not heavy is served"
    assert [reader.get(address).status_code for address in ADDRESSES] == [200] * 4


def test_few_wait_and_the_others_are_refused_at_once(reader: FlaskClient, slots: WorkSlots) -> None:
    entered = [threading.Thread(target=lambda: reader.application.test_client().get("/couverture/tableaux/t1")) for _ in range(2)]
    with slots.reserve("busy"):
        for thread in entered:
            thread.start()
        while not slots.is_full:
            threading.Event().wait(0.001)
        assert reader.get("/couverture/tableaux/t1").status_code == 503
    for thread in entered:
        thread.join()
    assert reader.get("/couverture/tableaux/t1").status_code == 200


def test_the_report_of_a_month_lets_collections_write_between_two_tables(reader: FlaskClient, counted: Flask) -> None:
    ended = list[object]()
    event.listen(counted.extensions[ENGINE_KEY], "commit", ended.append)
    assert reader.get("/couverture/rapport").status_code == 200
    assert len(ended) > len(TABLE_KEYS) / 2, "a few tables ask nothing more of the database than those before"
