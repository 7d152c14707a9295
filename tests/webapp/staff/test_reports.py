"""Readers' reports at the desk: listed, answered, sent to be checked; the titles that nobody finds."""

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from domain.common.enums import CaseCause, Complaint, ReportState
from domain.db.engine import read_session, write_session
from domain.films.edits import edit_facts
from domain.films.snapshot import compute_facts_etag, take_film_snapshot
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from domain.reports.reports import NewReport, create_report, find_report
from tests.scene import VADROUILLE, build_scene
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient
from webapp.staff.labels import CANNED_REPLIES

LIST, UNFOUND = "/agents/signalements", "/agents/introuvables"
HOSTILE = "<script>alert(1)</script>"


def a_report(door: StaffClient, said: NewReport | None = None) -> str:
    with write_session(door.engine) as session:
        return create_report(session, said or NewReport(Complaint.OTHER, message=HOSTILE), NOW).number


def on_an_offer(door: StaffClient) -> str:
    build_scene(door.engine, NOW)
    with read_session(door.engine) as session:
        offer = session.exec(select(Offer).where(Offer.price_cents == 299).order_by(col(Offer.id))).all()[0]
    return a_report(door, NewReport(Complaint.NOT_THIS_FILM, VADROUILLE, offer.id, message="c’est une suite"))


def found(door: StaffClient, number: str) -> ReaderReport:
    with read_session(door.engine) as session:
        report = find_report(session, number)
    assert report
    return report


def answered(door: StaffClient, number: str, **typed: str) -> int:
    sent = {"csrf": door.get_csrf_token(), "vu": "received", "etat": "corrected", "reponse": "Merci."} | typed
    return door.client.post(f"{LIST}/{number}", data=sent, headers=SAME_ORIGIN).status_code


@pytest.mark.parametrize("address", [LIST, f"{LIST}/delais", f"{LIST}/R-222-222", UNFOUND])
def test_only_agents_enter(light_door: StaffClient, address: str) -> None:
    assert light_door.client.get(address).status_code == 303
    if address.endswith("222"):
        assert light_door.client.post(address, data={"etat": "corrected"}).status_code == 303
        assert light_door.client.post(f"{address}/verifier").status_code == 303


@pytest.mark.parametrize("number", ["R-222-222", "rien", "%00", "R-7K3%00-9FQ"])
def test_a_report_that_is_not_there_is_not_found(door: StaffClient, number: str) -> None:
    door.sign_in()
    assert door.client.get(f"{LIST}/{number}").status_code == answered(door, number) == 404
    assert (
        door.client.post(f"{LIST}/{number}/verifier", data={"csrf": door.get_csrf_token()}, headers=SAME_ORIGIN).status_code
        == 404
    )


def test_reports_are_listed_with_their_message_as_text(door: StaffClient) -> None:
    number = on_an_offer(door)
    other = a_report(door)
    door.sign_in()
    page = door.client.get(LIST).text
    assert page.index(number) < page.index(other) and "La Grande Vadrouille" in page and "Ciné Exemple" in page
    assert HOSTILE not in page and "&lt;script&gt;" in page and "en attente (2)" in page
    assert answered(door, other) == 303
    assert other not in door.client.get(LIST).text and other in door.client.get(f"{LIST}?etat=corrected").text


def test_one_report_is_read_with_its_offer(door: StaffClient) -> None:
    number = on_an_offer(door)
    door.sign_in()
    page = door.client.get(f"{LIST}/{number}").text
    assert "c’est une suite" in page and "Location, Ciné Exemple" in page and 'href="https://service.example/film"' in page
    assert "Revoir le lien" in page and "/films/1-la-grande-vadrouille" in page
    assert door.client.get(f"{LIST}/R-222-222").status_code == 404


def test_an_answer_is_canned_free_or_both(door: StaffClient) -> None:
    number = a_report(door)
    door.sign_in()
    assert answered(door, number, modele="corrige", reponse=" Le prix\tétait faux. ") == 303
    report = found(door, number)
    assert (report.state, report.answer) == (ReportState.CORRECTED, f"{CANNED_REPLIES['corrige']} Le prix était faux.")
    assert (report.who, report.decided_at) == ("camille", NOW)
    assert [line.detail["number"] for line in door.list_audit_events() if line.action == "report"] == [number]
    assert "réponse à un signalement" in door.client.get("/agents/historique").text


@pytest.mark.parametrize(
    "typed",
    [
        {"etat": ""},
        {"etat": "received"},
        {"etat": "x"},
        {"vu": ""},
        {"vu": "ongoing"},
        {"reponse": " "},
        {"reponse": "a" * 1001},
        {"modele": "x", "reponse": ""},
    ],
    ids=lambda typed: "-".join(f"{name} {value[:8]}" for name, value in typed.items()),
)
def test_an_answer_that_cannot_be_is_refused_and_what_was_typed_kept(light_door: StaffClient, typed: dict[str, str]) -> None:
    number = a_report(light_door)
    light_door.sign_in()
    sent = {"csrf": light_door.get_csrf_token(), "vu": "received", "etat": "corrected", "reponse": "mon texte"} | typed
    answer = light_door.client.post(f"{LIST}/{number}", data=sent, headers=SAME_ORIGIN)
    assert answer.status_code == 409 and 'role="alert"' in answer.text and found(light_door, number).state is ReportState.RECEIVED
    assert sent["reponse"].strip() in answer.text


def test_what_does_not_come_from_our_page_is_refused(light_door: StaffClient) -> None:
    number = a_report(light_door)
    light_door.sign_in()
    assert answered(light_door, number, csrf="autre") == 403 and found(light_door, number).state is ReportState.RECEIVED


def test_a_doubted_link_is_put_on_the_desk(door: StaffClient) -> None:
    number = on_an_offer(door)
    door.sign_in()
    answer = door.client.post(f"{LIST}/{number}/verifier", data={"csrf": door.get_csrf_token()}, headers=SAME_ORIGIN)
    with read_session(door.engine) as session:
        (case,) = session.exec(select(ReviewCase).where(ReviewCase.cause == CaseCause.REPORT)).all()
    assert answer.status_code == 303 and answer.location == f"/agents/a-verifier?cas={case.id}"
    page = door.client.get(answer.location).text
    assert "signalement d’un lecteur" in page and re.search(rf'data-case="{case.id}"', page)
    assert found(door, number).state is ReportState.ONGOING


def test_a_report_without_an_offer_cannot_be_put_there(light_door: StaffClient) -> None:
    number = a_report(light_door)
    light_door.sign_in()
    answer = light_door.client.post(f"{LIST}/{number}/verifier", data={"csrf": light_door.get_csrf_token()}, headers=SAME_ORIGIN)
    assert answer.status_code == 409 and "pas de lien à revoir" in answer.text


def test_an_answer_names_the_act_that_corrected(light_door: StaffClient) -> None:
    number = on_an_offer(light_door)
    light_door.sign_in()
    with write_session(light_door.engine) as session:
        agent = session.exec(select(Agent)).one()
        mark = compute_facts_etag(take_film_snapshot(session, session.get_one(Film, VADROUILLE)))
        act = edit_facts(session, VADROUILLE, agent, mark, {"year": 1965}, "affiche", NOW).id
    page = light_door.client.get(f"{LIST}/{number}").text
    assert "fiche corrigée, le 22 novembre 2026" in page.replace("\u00a0", " ") and f"/agents/films/{VADROUILLE}" in page
    assert answered(light_door, number, acte="999") == 409
    assert answered(light_door, number, acte=str(act)) == 303 and found(light_door, number).correction_id == act
    assert "fiche du film corrigée" in light_door.client.get(f"/signalements/{number}").text


def test_delays_are_told_by_complaint_and_by_month(light_door: StaffClient) -> None:
    number = a_report(light_door)
    light_door.sign_in()
    assert "d’attente" in light_door.client.get(LIST).text
    light_door.clock.shift(timedelta(hours=3))
    light_door.sign_in()
    assert answered(light_door, number) == 303
    page = light_door.client.get(f"{LIST}/delais").text
    assert "Autre chose" in page and "11/2026" in page and page.count("3\u00a0heures") == 3


def test_titles_searched_in_vain_lead_to_the_search(door: StaffClient) -> None:
    with write_session(door.engine) as session:
        session.add(UnfoundTitle(key="dune 3", day=NOW.date(), count=3))
        session.add(UnfoundTitle(key="mon nom", day=NOW.date(), count=2))
    door.sign_in()
    page = door.client.get(UNFOUND).text
    assert 'href="/recherche?q=dune+3"' in page and "mon nom" not in page and "moins de 3&nbsp;fois" in page
