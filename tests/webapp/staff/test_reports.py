"""Test readers' reports: listed, answered, sent to be reviewed; the titles that nobody finds."""

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


def make_report(staff: StaffClient, new_report: NewReport | None = None) -> str:
    with write_session(staff.engine) as session:
        return create_report(session, new_report or NewReport(Complaint.OTHER, message=HOSTILE), NOW).number


def make_offer_report(staff: StaffClient) -> str:
    build_scene(staff.engine, NOW)
    with read_session(staff.engine) as session:
        offer = session.exec(select(Offer).where(Offer.price_cents == 299).order_by(col(Offer.id))).all()[0]
    return make_report(staff, NewReport(Complaint.NOT_THIS_FILM, VADROUILLE, offer.id, message="c’est une suite"))


def get_report(staff: StaffClient, number: str) -> ReaderReport:
    with read_session(staff.engine) as session:
        report = find_report(session, number)
    assert report
    return report


def post_reply(staff: StaffClient, number: str, **typed: str) -> int:
    form = {"csrf": staff.get_csrf_token(), "vu": "received", "etat": "corrected", "reponse": "Merci."} | typed
    return staff.client.post(f"{LIST}/{number}", data=form, headers=SAME_ORIGIN).status_code


@pytest.mark.parametrize("address", [LIST, f"{LIST}/delais", f"{LIST}/R-222-222", UNFOUND])
def test_only_agents_enter(sqlite_staff: StaffClient, address: str) -> None:
    assert sqlite_staff.client.get(address).status_code == 303
    if address.endswith("222"):
        assert sqlite_staff.client.post(address, data={"etat": "corrected"}).status_code == 303
        assert sqlite_staff.client.post(f"{address}/verifier").status_code == 303


@pytest.mark.parametrize("number", ["R-222-222", "rien", "%00", "R-7K3%00-9FQ"])
def test_a_report_that_is_not_there_is_not_found(staff: StaffClient, number: str) -> None:
    staff.sign_in()
    assert staff.client.get(f"{LIST}/{number}").status_code == post_reply(staff, number) == 404
    assert (
        staff.client.post(f"{LIST}/{number}/verifier", data={"csrf": staff.get_csrf_token()}, headers=SAME_ORIGIN).status_code
        == 404
    )


def test_reports_are_listed_with_their_message_as_text(staff: StaffClient) -> None:
    number = make_offer_report(staff)
    other = make_report(staff)
    staff.sign_in()
    page = staff.client.get(LIST).text
    assert page.index(number) < page.index(other) and "La Grande Vadrouille" in page and "Ciné Exemple" in page
    assert HOSTILE not in page and "&lt;script&gt;" in page and "en attente (2)" in page
    assert post_reply(staff, other) == 303
    assert other not in staff.client.get(LIST).text and other in staff.client.get(f"{LIST}?etat=corrected").text


def test_one_report_is_read_with_its_offer(staff: StaffClient) -> None:
    number = make_offer_report(staff)
    staff.sign_in()
    page = staff.client.get(f"{LIST}/{number}").text
    assert "c’est une suite" in page and "Location, Ciné Exemple" in page and 'href="https://service.example/film"' in page
    assert "Revoir le lien" in page and "/films/1-la-grande-vadrouille" in page
    assert staff.client.get(f"{LIST}/R-222-222").status_code == 404


def test_an_answer_is_canned_free_or_both(staff: StaffClient) -> None:
    number = make_report(staff)
    staff.sign_in()
    assert post_reply(staff, number, modele="corrige", reponse=" Le prix\tétait faux. ") == 303
    report = get_report(staff, number)
    assert (report.state, report.answer) == (ReportState.CORRECTED, f"{CANNED_REPLIES['corrige']} Le prix était faux.")
    assert (report.who, report.decided_at) == ("camille", NOW)
    assert [event.detail["number"] for event in staff.list_audit_events() if event.action == "report"] == [number]
    assert "réponse à un signalement" in staff.client.get("/agents/historique").text


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
def test_an_answer_that_cannot_be_is_refused_and_what_was_typed_kept(sqlite_staff: StaffClient, typed: dict[str, str]) -> None:
    number = make_report(sqlite_staff)
    sqlite_staff.sign_in()
    form = {"csrf": sqlite_staff.get_csrf_token(), "vu": "received", "etat": "corrected", "reponse": "mon texte"} | typed
    answer = sqlite_staff.client.post(f"{LIST}/{number}", data=form, headers=SAME_ORIGIN)
    assert (
        answer.status_code == 409
        and 'role="alert"' in answer.text
        and get_report(sqlite_staff, number).state is ReportState.RECEIVED
    )
    assert form["reponse"].strip() in answer.text


def test_what_does_not_come_from_our_page_is_refused(sqlite_staff: StaffClient) -> None:
    number = make_report(sqlite_staff)
    sqlite_staff.sign_in()
    assert (
        post_reply(sqlite_staff, number, csrf="autre") == 403 and get_report(sqlite_staff, number).state is ReportState.RECEIVED
    )


def test_a_doubted_link_is_put_on_the_desk(staff: StaffClient) -> None:
    number = make_offer_report(staff)
    staff.sign_in()
    answer = staff.client.post(f"{LIST}/{number}/verifier", data={"csrf": staff.get_csrf_token()}, headers=SAME_ORIGIN)
    with read_session(staff.engine) as session:
        (case,) = session.exec(select(ReviewCase).where(ReviewCase.cause == CaseCause.REPORT)).all()
    assert answer.status_code == 303 and answer.location == f"/agents/a-verifier?cas={case.id}"
    page = staff.client.get(answer.location).text
    assert "signalement d’un lecteur" in page and re.search(rf'data-case="{case.id}"', page)
    assert get_report(staff, number).state is ReportState.ONGOING


def test_a_report_without_an_offer_cannot_be_put_there(sqlite_staff: StaffClient) -> None:
    number = make_report(sqlite_staff)
    sqlite_staff.sign_in()
    answer = sqlite_staff.client.post(
        f"{LIST}/{number}/verifier", data={"csrf": sqlite_staff.get_csrf_token()}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 409 and "pas de lien à revoir" in answer.text


def test_an_answer_names_the_act_that_corrected(sqlite_staff: StaffClient) -> None:
    number = make_offer_report(sqlite_staff)
    sqlite_staff.sign_in()
    with write_session(sqlite_staff.engine) as session:
        agent = session.exec(select(Agent)).one()
        etag = compute_facts_etag(take_film_snapshot(session, session.get_one(Film, VADROUILLE)))
        act_id = edit_facts(session, VADROUILLE, agent, etag, {"year": 1965}, "affiche", NOW).id
    page = sqlite_staff.client.get(f"{LIST}/{number}").text
    assert "fiche corrigée, le 22 novembre 2026" in page.replace("\u00a0", " ") and f"/agents/films/{VADROUILLE}" in page
    assert post_reply(sqlite_staff, number, acte="999") == 409
    assert post_reply(sqlite_staff, number, acte=str(act_id)) == 303 and get_report(sqlite_staff, number).correction_id == act_id
    assert "fiche du film corrigée" in sqlite_staff.client.get(f"/signalements/{number}").text


def test_delays_are_told_by_complaint_and_by_month(sqlite_staff: StaffClient) -> None:
    number = make_report(sqlite_staff)
    sqlite_staff.sign_in()
    assert "d’attente" in sqlite_staff.client.get(LIST).text
    sqlite_staff.clock.shift(timedelta(hours=3))
    sqlite_staff.sign_in()
    assert post_reply(sqlite_staff, number) == 303
    page = sqlite_staff.client.get(f"{LIST}/delais").text
    assert "Autre chose" in page and "11/2026" in page and page.count("3\u00a0heures") == 3


def test_titles_searched_in_vain_lead_to_the_search(staff: StaffClient) -> None:
    with write_session(staff.engine) as session:
        session.add(UnfoundTitle(key="dune 3", day=NOW.date(), count=3))
        session.add(UnfoundTitle(key="mon nom", day=NOW.date(), count=2))
    staff.sign_in()
    page = staff.client.get(UNFOUND).text
    assert 'href="/recherche?q=dune+3"' in page and "mon nom" not in page and "moins de 3&nbsp;fois" in page
