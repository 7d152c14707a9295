"""Test what an editor reads of each title and of each delivery: their own, and nobody else's."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlmodel import select

from domain.common.enums import Verdict
from domain.db.engine import write_session
from domain.linking.judgements import record_decision
from domain.models.entry import Entry
from domain.runs.deliveries import DELIVERY_HISTORY_SIZE
from domain.runs.editor_keys import create_key
from tests.domain.builders import make_decision, make_film, make_platform
from tests.webapp.editors.conftest import NOW, EditorClient, make_delivery, make_product, make_title


def deliver_and_match(service: EditorClient) -> None:
    """Deliver four titles: one linked, one doubtful, one without a film, one not matched yet."""
    service.post(make_delivery(*(make_title(str(number)) for number in range(1, 5))))
    decisions = {"1": (Verdict.SAME, 7), "2": (Verdict.UNSURE, None), "3": (Verdict.NONE, None)}
    with write_session(service.engine) as session:
        session.add(make_film(7, "Playtime", 1967))
        session.flush()
        for entry in session.exec(select(Entry)).all():
            if entry.ref in decisions and entry.id is not None:
                verdict, film_id = decisions[entry.ref]
                record_decision(session, entry.id, None, make_decision(verdict, film_id, "matcher test", "titre exact"), NOW)


def list_titles(service: EditorClient, query: str = "") -> list[dict[str, Any]]:
    titles: list[dict[str, Any]] = service.get(f"catalogue{query}").get_json()["titles"]
    return titles


def test_each_line_says_what_it_became(service: EditorClient) -> None:
    deliver_and_match(service)
    titles = list_titles(service)
    assert [(title["idTitleEditor"], title["state"]) for title in titles] == [
        ("1", "linked"), ("2", "doubtful"), ("3", "unknown"), ("4", "waiting"),
    ]  # fmt: skip
    assert titles[0]["film"] == {"id": 7, "title": "Playtime", "year": 1967, "page": "http://localhost/films/7-un-film"}
    (offer,) = titles[0]["offers"]
    assert (offer["open"], offer["price_cents"], offer["first_seen"]) == (True, 399, "2026-11-22T13:37:00Z")
    assert [title["idTitleEditor"] for title in list_titles(service, "?state=doubtful")] == ["2"]
    assert [title["idTitleEditor"] for title in list_titles(service, "?state=waiting")] == ["4"]


def test_lines_come_page_after_page(service: EditorClient) -> None:
    deliver_and_match(service)
    refs, address = [], "catalogue?limit=3"
    while address:
        page = service.get(address).get_json()
        refs += [title["idTitleEditor"] for title in page["titles"]]
        address = (page["next"] or "").rpartition("/")[2]
    assert refs == ["1", "2", "3", "4"]
    for query in ("?limit=0", "?limit=501", "?limit=x", "?after=99", "?state=perdu", "?prix=1"):
        assert service.get(f"catalogue{query}").status_code == 400


def test_what_left_is_told_with_its_reason(service: EditorClient, clock: time_machine.Traveller) -> None:
    service.post(
        make_delivery(
            make_title("1", make_product("1"), make_product("2", mode="SVOD", price=None)), make_title("2"), make_title("3")
        )
    )
    clock.shift(timedelta(hours=2))
    service.post(make_delivery(make_title("1", make_product("1")), delivery="delta", removed=["2"]))
    first, second, _ = list_titles(service)
    states = {offer["access"]: (offer["open"], offer["closed_why"]) for offer in first["offers"]}
    assert states == {"subscription": (False, "retirée par l'éditeur"), "rent": (True, None)}
    assert (first["in_catalogue"], second["in_catalogue"]) == (True, False) and not second["offers"][0]["open"]


def test_an_editor_sees_only_its_own(service: EditorClient) -> None:
    deliver_and_match(service)
    with write_session(service.engine) as session:
        make_platform(session, "autre-vod")
        other = create_key(session, "autre-vod", "Autre SA", False, NOW)
    assert service.get("catalogue", other).get_json()["titles"] == []
    assert service.get("deliveries", other).get_json()["deliveries"] == []
    (own,) = service.get("deliveries").get_json()["deliveries"]
    assert service.get(f"deliveries/{own['delivery']}").get_json()["titles"][0]["idTitleEditor"] == "1"
    assert [service.get(f"deliveries/{own['delivery']}", key).status_code for key in (other, service.recette_key)] == [404, 404]
    assert service.get("deliveries/99").status_code == 404


def test_old_deliveries_keep_their_figures_and_free_their_lines(sqlite_service: EditorClient) -> None:
    for number in range(DELIVERY_HISTORY_SIZE + 2):
        sqlite_service.post(make_delivery(make_title(str(number))), sqlite_service.recette_key)
    listed = sqlite_service.get("deliveries", sqlite_service.recette_key).get_json()["deliveries"]
    assert len(listed) == DELIVERY_HISTORY_SIZE and "titles" not in listed[0]
    assert listed[0]["counts"]["titles"]["accepted"] == 1
    oldest, recent = (
        sqlite_service.get("deliveries/1", sqlite_service.recette_key),
        sqlite_service.get("deliveries/3", sqlite_service.recette_key),
    )
    assert oldest.get_json()["titles"] == [] and oldest.get_json()["counts"]["titles"]["accepted"] == 1
    assert len(recent.get_json()["titles"]) == 1
