"""Test full lists and deltas: what they change, what they never change, and what is answered again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from domain.common.enums import CloseReason, Outcome, RunState
from domain.db.engine import read_session, write_session
from domain.db.locks import hold_lock
from domain.models.columns import get_id
from domain.models.offer import Offer
from domain.runs.acceptance import accept_held_run, reject_held_run
from domain.runs.editor_keys import create_key
from domain.runs.hold_reasons import format_verdict
from domain.runs.runs import get_run
from tests.webapp.editors.conftest import NOW, SLUG, EditorClient, make_delivery, make_editor_client, make_product, make_title

THREE = [make_title("1"), make_title("2"), make_title("3")]
HOURS = timedelta(hours=2)
Clock = time_machine.Traveller


def list_closed_offers(service: EditorClient) -> list[tuple[str | None, Any]]:
    with read_session(service.engine) as session:
        return [(offer.closed_why, offer.closed_at) for offer in session.exec(select(Offer)) if offer.closed_at]


def test_the_same_delivery_again_is_the_same_report_and_no_new_run(service: EditorClient, clock: Clock) -> None:
    first = service.post(make_delivery(*THREE))
    clock.shift(timedelta(minutes=50))
    again = service.post(make_delivery(*THREE))
    assert again.get_json() == first.get_json() and len(service.list_runs()) == 1
    assert (first.headers.get("Idempotent-Replayed"), again.headers.get("Idempotent-Replayed")) == (None, "true")


def test_a_list_that_still_stands_hours_later_is_seen_again(sqlite_service: EditorClient, clock: Clock) -> None:
    sqlite_service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    sqlite_service.post(make_delivery(*THREE))
    (offer,) = sqlite_service.list_open_offers()["1"]
    assert len(sqlite_service.list_runs()) == 2 and (offer.first_seen, offer.last_seen) == (NOW, NOW + HOURS)


def test_a_list_then_another_then_the_first_is_applied_again(sqlite_service: EditorClient, clock: Clock) -> None:
    dearer = [make_title("1", make_product("1-L", price=4.99)), *THREE[1:]]
    for titles in (THREE, dearer, THREE):
        sqlite_service.post(make_delivery(*titles))
        clock.shift(timedelta(minutes=1))
    assert len(sqlite_service.list_runs()) == 3
    assert [offer.price_cents for offer in sqlite_service.list_open_offers()["1"]] == [399]


def test_what_another_key_of_the_service_delivered_since_is_replaced(service: EditorClient) -> None:
    with write_session(service.engine) as session:
        second = create_key(session, SLUG, "Exemple SA, bis", False, NOW)
    dearer = [make_title("1", make_product("1-L", price=4.99)), *THREE[1:]]
    for titles, key in ((THREE, None), (dearer, second), (THREE, None)):
        answer = service.post(make_delivery(*titles), key)
        assert "Idempotent-Replayed" not in answer.headers
    assert len(service.list_runs()) == 3 and [offer.price_cents for offer in service.list_open_offers()["1"]] == [399]
    assert service.post(make_delivery(*THREE), second).headers["Idempotent-Replayed"] == "true"


def test_a_rehearsal_repeats_its_own_key_s_last_one_and_stands_in_no_delivery_s_way(service: EditorClient) -> None:
    for key, replayed in (
        (service.prod_key, None),
        (service.recette_key, None),
        (service.prod_key, "true"),
        (service.recette_key, "true"),
    ):
        assert service.post(make_delivery(*THREE), key).headers.get("Idempotent-Replayed") == replayed


def test_an_idempotency_key_holds_for_its_content_only(sqlite_service: EditorClient, clock: Clock) -> None:
    first = sqlite_service.post(make_delivery(*THREE), Idempotency_Key="envoi-1")
    clock.shift(HOURS)
    assert sqlite_service.post(make_delivery(*THREE), Idempotency_Key="envoi-1").get_json() == first.get_json()
    other = sqlite_service.post(make_delivery(*THREE[:2]), Idempotency_Key="envoi-1")
    assert other.status_code == 422 and other.get_json(force=True)["type"].endswith("#refus-idempotence")
    assert len(sqlite_service.list_runs()) == 1


def test_a_title_absent_from_two_full_lists_is_closed_at_the_second(service: EditorClient, clock: Clock) -> None:
    for titles, still_open in ((THREE, True), (THREE[:2], True), (THREE[:2], False)):
        service.post(make_delivery(*titles))
        assert ("3" in service.list_open_offers()) is still_open
        clock.shift(HOURS)


def test_a_delta_replaces_what_it_names_and_leaves_the_rest(service: EditorClient, clock: Clock) -> None:
    service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    delta = make_delivery(
        make_title("2", make_product("2-A", mode="VODEST", price=9.99)), make_title("4"), delivery="delta", removed=["3"]
    )
    report = service.post(delta).get_json()
    assert (report["state"], report["kind"], report["counts"]["catalogue"]) == ("accepted", "delta", 3)
    assert {ref: [str(offer.access) for offer in offers] for ref, offers in service.list_open_offers().items()} == {
        "1": ["rent"], "2": ["buy"], "4": ["rent"],
    }  # fmt: skip
    assert list_closed_offers(service) == [(CloseReason.WITHDRAWN, NOW + HOURS)] * 2
    assert report["removed"] == [{"idTitleEditor": "3", "result": "accepted", "pointer": "/removed/0"}]
    assert service.list_runs()[-1].outcome is Outcome.PARTIAL


def test_a_delta_counts_as_no_absence(service: EditorClient, clock: Clock) -> None:
    """Keep what was absent once as it is, neither seen nor closed, until the next full list."""
    small = make_delivery(make_title("1"), delivery="delta")
    for content, still_open in (
        (make_delivery(*THREE), True),
        (make_delivery(*THREE[:2]), True),
        (small, True),
        (small, True),
        (make_delivery(*THREE[:2]), False),
    ):
        assert service.post(content).status_code == 200
        assert ("3" in service.list_open_offers()) is still_open
        clock.shift(HOURS)


def test_a_rejected_line_of_a_delta_leaves_what_was_there(service: EditorClient) -> None:
    service.post(
        make_delivery(make_title("1", make_product("1-L"), make_product("1-A", mode="VODEST", price=9.99)), make_title("2"))
    )
    faulty = make_title("1", make_product("1-L"), make_product("1-A", mode="VODEST", price="cher"))
    report = service.post(make_delivery(faulty, make_title("2", make_product("2", mode="?")), delivery="delta")).get_json()
    assert report["state"] == "accepted" and [title["result"] for title in report["titles"]] == ["accepted", "rejected"]
    assert sorted(map(len, service.list_open_offers().values())) == [1, 2] and list_closed_offers(service) == []


def test_removals_that_mean_nothing_are_said(sqlite_service: EditorClient) -> None:
    sqlite_service.post(make_delivery(*THREE))
    report = sqlite_service.post(make_delivery(make_title("1"), delivery="delta", removed=["1", "9", "2"])).get_json()
    assert [(title["idTitleEditor"], title["result"]) for title in report["removed"]] == [
        ("1", "rejected"), ("9", "rejected"), ("2", "accepted"),
    ]  # fmt: skip
    assert report["removed"][1]["errors"][0]["reason"] == "aucun titre en ligne sous ce numéro"


def test_a_delta_needs_a_catalogue_and_no_pending_doubt(service: EditorClient, clock: Clock) -> None:
    delta = make_delivery(make_title("1"), delivery="delta")
    assert service.post(delta).status_code == 409
    service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    assert service.post(make_delivery(*THREE[:1])).status_code == 202
    refused = service.post(delta)
    assert refused.status_code == 409 and "attend un agent" in refused.get_json(force=True)["detail"]
    clock.shift(HOURS)
    assert [service.post(content).status_code for content in (make_delivery(*THREE), delta)] == [200, 200]


def test_a_delivery_that_surprises_is_held_and_changes_nothing(service: EditorClient, clock: Clock) -> None:
    service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    answer = service.post(make_delivery(*THREE[:1]))
    report = answer.get_json()
    assert answer.status_code == 202 and report["state"] == "held" and "baisse de 66,7 %" in report["reasons"][0]
    assert len(service.list_open_offers()) == 3 and service.list_runs()[-1].state is RunState.HELD
    assert service.post(make_delivery(*THREE[:1]), service.recette_key).get_json()["reasons"] == report["reasons"]


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_list_whose_titles_all_changed_is_held_and_its_rehearsal_says_so(
    service: EditorClient, clock: Clock, kind: str
) -> None:
    service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    renamed = make_delivery(*(title | {"frTitle": "Connexion"} for title in THREE), delivery=kind)
    rehearsed, answer = service.post(renamed, service.recette_key), service.post(renamed)
    report = answer.get_json()
    assert report["reasons"] == ["3 titres sous un autre nom qu'à la dernière collecte sur 3, 10 % admis"]
    assert (answer.status_code, rehearsed.status_code) == (202, 202) and rehearsed.get_json()["reasons"] == report["reasons"]
    assert format_verdict(service.list_runs()[-1]) == report["reasons"][0] and len(service.list_runs()) == 2


def test_what_a_person_accepts_later_is_told_and_withdrawn(service: EditorClient, clock: Clock) -> None:
    service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    delivery_id = service.post(make_delivery(delivery="delta", removed=["1", "2"])).get_json()["delivery"]
    assert len(service.list_open_offers()) == 3
    with write_session(service.engine) as session:
        run = get_run(session, get_id(service.list_runs()[-1]))
        accept_held_run(session, run, "vérifié au téléphone", NOW + HOURS)
    assert list(service.list_open_offers()) == ["3"]
    assert [why for why, _ in list_closed_offers(service)] == [CloseReason.WITHDRAWN] * 2
    report = service.get(f"deliveries/{delivery_id}").get_json()
    assert (report["state"], report["accepted_by_agent"]) == ("accepted", "vérifié au téléphone")


def test_a_delivery_that_a_person_rejects_is_told_with_the_reason_and_no_delta_stands_on_it(
    service: EditorClient, clock: Clock
) -> None:
    service.post(make_delivery(*THREE))
    clock.shift(HOURS)
    delivery_id = service.post(make_delivery(*THREE[:1])).get_json()["delivery"]
    with write_session(service.engine) as session:
        reject_held_run(session, get_run(session, get_id(service.list_runs()[-1])), "liste coupée", NOW + HOURS)
    report = service.get(f"deliveries/{delivery_id}").get_json()
    assert (report["state"], report["rejected_by_agent"]) == ("rejected", "liste coupée") and len(service.list_open_offers()) == 3
    refused = service.post(make_delivery(make_title("1"), delivery="delta"))
    assert refused.status_code == 409 and "a été refusée" in refused.get_json(force=True)["detail"]


def test_one_delivery_of_a_service_at_a_time_and_no_other_is_even_read(service: EditorClient) -> None:
    with hold_lock(service.engine, "crawl-exemple-vod", "occupé"):
        for key in (service.prod_key, service.recette_key):
            busy = service.post(b"{ jamais lu", key)
            assert (busy.status_code, busy.headers["Retry-After"]) == (409, "30")
    assert service.post(make_delivery(*THREE)).status_code == 200


@pytest.mark.parametrize("totals", [{"totalTitles": 4}, {"totalProducts": 2}])
def test_a_truncated_delivery_is_refused_whole(sqlite_service: EditorClient, totals: dict[str, int]) -> None:
    answer = sqlite_service.post(make_delivery(*THREE) | totals)
    problem = answer.get_json(force=True)
    assert answer.status_code == 422 and problem["type"].endswith("/editeurs/#refus-totaux")
    assert problem["errors"][0]["pointer"] == f"/{next(iter(totals))}" and sqlite_service.list_runs() == []


def test_a_crash_between_storing_and_settling_leaves_the_live_state(
    service: EditorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.post(make_delivery(*THREE))
    with monkeypatch.context() as broken:
        broken.setattr("ingest.receive.end_delivery_run", None)
        assert service.post(make_delivery(*THREE[:2])).status_code == 500
    assert len(service.list_open_offers()) == 3 and service.list_runs()[-1].state is RunState.OPEN
    assert service.post(make_delivery(*THREE[:2])).status_code == 200
    assert [run.state for run in service.list_runs()] == [RunState.ACCEPTED, RunState.HELD, RunState.ACCEPTED]


def test_the_platform_s_own_measure_is_applied(sqlite_engine: Any, clock: Clock) -> None:
    strict = make_editor_client(sqlite_engine, min=5, fill={"year": 1.0})
    reasons = strict.post(make_delivery(*THREE)).get_json()["reasons"]
    assert reasons == ["3 titres gardés, 5 attendus au moins", "champ « year » rempli à 0 %, 100 % attendus au moins"]
