"""Test editors' keys: in the header only, and nothing said of other keys."""

import logging

import pytest

from domain.common.enums import PlatformStatus
from domain.db.engine import read_session, write_session
from domain.models.columns import get_id
from domain.runs.editor_keys import create_key, list_keys, revoke_key
from tests.webapp.editors.conftest import NOW, SAMPLE, SLUG, EditorClient


def test_a_key_says_whose_it_is_and_whether_what_it_posts_counts(service: EditorClient) -> None:
    payload = service.get("ping").get_json()
    assert (payload["platform"]["slug"], payload["environment"], payload["key"]) == (SLUG, "production", "Exemple SA")
    assert service.get("ping", service.recette_key).get_json()["environment"] == "recette"
    with read_session(service.engine) as session:
        assert {key.last_used_at for key, _ in list_keys(session)} == {NOW}


def test_an_unknown_key_and_a_revoked_one_are_answered_the_same(service: EditorClient) -> None:
    with write_session(service.engine) as session:
        forgotten = create_key(session, SLUG, "autre", False, NOW)
        revoke_key(session, get_id(list_keys(session)[-1][0]), NOW)
    with write_session(service.engine) as session:
        (unknown,) = [create_key(session, SLUG, "jamais gardée", False, NOW)]
        session.rollback()
    answers = [service.get("ping", key) for key in (forgotten, unknown)]
    assert {answer.data for answer in answers} == {answers[0].data} and answers[0].status_code == 401
    assert answers[0].mimetype == "application/problem+json" and answers[0].headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("authorization", [None, "Basic YTpi", "Bearer", "Bearer \xe9", "ouvoir_prod_x", "Bearer ouvoir_prod_x"])
def test_without_a_key_nothing_is_read(sqlite_service: EditorClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for answer in (
        sqlite_service.client.get("/editeurs/v1/ping", headers=headers),
        sqlite_service.client.get("/editeurs/v1/deliveries", headers=headers),
        sqlite_service.client.post("/editeurs/v1/catalogue", data=b"x" * 20_000, headers=headers),
    ):
        assert answer.status_code == 401 and answer.get_json(force=True)["title"] == "Clé refusée"


def test_a_key_in_the_address_is_not_looked_at(sqlite_service: EditorClient) -> None:
    assert sqlite_service.client.get(f"/editeurs/v1/ping?key={sqlite_service.prod_key}").status_code == 400
    assert sqlite_service.client.post(f"/editeurs/v1/catalogue?key={sqlite_service.prod_key}", data=b"{}").status_code == 401


def test_a_key_is_never_said_again(sqlite_service: EditorClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = sqlite_service.prod_key.rpartition("_")[2]
    answers = [sqlite_service.get("ping"), sqlite_service.post(SAMPLE.read_bytes()), sqlite_service.get("ping", "x" + secret)]
    assert not [answer for answer in answers if secret in answer.text or secret in str(answer.headers)]
    assert secret not in caplog.text


def test_a_service_that_is_suspended_delivers_nothing(sqlite_service: EditorClient) -> None:
    with write_session(sqlite_service.engine) as session:
        ((_, platform), _) = list_keys(session)
        platform.status = PlatformStatus.PAUSED
        session.add(platform)
    answer = sqlite_service.post(SAMPLE.read_bytes())
    assert answer.status_code == 403 and sqlite_service.list_runs() == []
