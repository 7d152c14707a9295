"""Readers say what is wrong, without an account, and follow what becomes of it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select
from werkzeug.test import TestResponse

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import Complaint, ReportState
from domain.db.engine import read_session, write_session
from domain.models.offer import Offer
from domain.models.reader_report import ReaderReport
from domain.reports.replies import answer_report
from domain.reports.reports import MAX_PER_HOUR, MAX_PER_HOUR_AND_FILM, find_report
from tests.conftest import NOW
from tests.domain.review_scene import make_agent
from tests.scene import HOSTILE, HOSTILE_TITLE, VADROUILLE, build_scene
from webapp.app import create_app

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
WRONG: dict[str, Any] = {"plainte": "price", "message": "3,99 € et non 2,99 €", "film": "1"}

FIELDS = st.sampled_from(["plainte", "message", "film", "offre", "titre", "annee", "realisation", "marque", "site"])


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))


def mark_of(client: FlaskClient, address: str = "/signaler") -> str:
    match = re.search(r'name="marque" value="([^"]+)"', client.get(address).text)
    assert match
    return match[1]


def sent(client: FlaskClient, address: str = "/signaler", after: timedelta = 5 * SECOND, **typed: str) -> TestResponse:
    """Send a form some time after it was opened."""
    typed.setdefault("marque", mark_of(client, address))
    with time_machine.travel(NOW + after, tick=False):
        return client.post(address, data=typed)


def kept(engine: Engine) -> list[ReaderReport]:
    with read_session(engine) as session:
        return list(session.exec(select(ReaderReport)))


def test_the_form_names_the_film_and_the_offer(client: FlaskClient, sqlite_engine: Engine) -> None:
    with read_session(sqlite_engine) as session:
        offer = session.exec(select(Offer).where(Offer.price_cents == 299)).all()[0]
    page = client.get(f"/signaler?offre={offer.id}").text
    assert "La Grande Vadrouille (1966)" in page and "location, Ciné Exemple" in page
    assert f'name="offre" value="{offer.id}"' in page and f'name="film" value="{VADROUILLE}"' in page
    assert 'content="noindex"' in page and "checked" not in page


def test_the_form_asks_for_nothing_about_the_reader(client: FlaskClient) -> None:
    for address in ("/signaler?film=1", "/introuvable"):
        page = client.get(address).text
        fields = set(re.findall(r'<(?:input|textarea)[^>]*name="(\w+)"', page)) - {"q"}
        assert fields <= {"film", "plainte", "message", "marque", "site", "titre", "annee", "realisation"}
        assert "ni " in page and "téléphone" in page


@pytest.mark.parametrize("query", ["film=x", "film=0", "film=-1", "offre=1e3", "film=99999999999", "film=²"])
def test_a_bad_number_is_told_in_french(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/signaler?{query}")
    assert answer.status_code == 400 and "attend un numéro" in answer.text


@pytest.mark.parametrize("query", ["film=2147483647", "offre=2147483647", "film=99", "film=2&offre=1"])
def test_an_unknown_film_or_offer_is_not_found(client: FlaskClient, query: str) -> None:
    assert client.get(f"/signaler?{query}").status_code == 404


def test_a_report_is_kept_and_its_number_shown(client: FlaskClient, sqlite_engine: Engine) -> None:
    answer = sent(client, **WRONG)
    (report,) = kept(sqlite_engine)
    assert answer.status_code == 303 and urlsplit(answer.location).path == f"/signalements/{report.number}"
    assert (report.complaint, report.film_id, report.message) == (Complaint.PRICE, VADROUILLE, WRONG["message"])
    page = client.get(answer.location).text
    assert "Votre signalement est reçu" in page and report.number in page and "La Grande Vadrouille" in page
    assert "3,99" not in page and "Set-Cookie" not in answer.headers


def test_the_same_report_is_answered_with_the_first_number(client: FlaskClient, sqlite_engine: Engine) -> None:
    first, again = sent(client, **WRONG), sent(client, **WRONG, after=60 * SECOND)
    assert len(kept(sqlite_engine)) == 1
    assert urlsplit(again.location).path == urlsplit(first.location).path
    assert "déjà parvenu" in client.get(again.location).text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plainte": ""}, "Choisissez ce qui ne va pas"),
        ({"plainte": "missing-film"}, "Choisissez ce qui ne va pas"),
        ({"plainte": "other", "message": " \u202e "}, "Dites en une phrase"),
        ({"film": "", "message": ""}, "Dites en une phrase"),
        ({"message": "a" * 1001}, "1000 caractères au plus"),
    ],
    ids=["no choice", "another form's choice", "nothing said", "about nothing", "too long"],
)
def test_what_cannot_be_taken_is_told_and_kept_on_the_page(
    client: FlaskClient, sqlite_engine: Engine, change: dict[str, Any], message: str
) -> None:
    answer = sent(client, **WRONG | change)
    assert answer.status_code == 400 and message in answer.text and 'role="alert"' in answer.text and kept(sqlite_engine) == []
    assert (WRONG | change)["message"].strip(" \u202e") in answer.text


@pytest.mark.parametrize(
    ("after", "change", "message"),
    [
        (2 * SECOND, {}, "de trop près"),
        (DAY + 2 * SECOND, {}, "plus d’un jour"),
        (5 * SECOND, {"marque": "forgée"}, "plus d’un jour"),
        (5 * SECOND, {"marque": ".aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"}, "plus d’un jour"),
        (5 * SECOND, {"site": "https://spam.example"}, "devait rester vide"),
    ],
    ids=["too soon", "too late", "no mark", "a forged mark", "the lure"],
)
def test_robots_are_refused_and_nothing_typed_is_lost(
    client: FlaskClient, sqlite_engine: Engine, after: timedelta, change: dict[str, Any], message: str
) -> None:
    answer = sent(client, after=after, **WRONG | change)
    assert answer.status_code == 400 and message in answer.text and kept(sqlite_engine) == []
    assert "3,99" in answer.text and "spam" not in answer.text and 'value="price" required checked' in answer.text
    match = re.search(r'name="marque" value="([^"]+)"', answer.text)
    with time_machine.travel(NOW + after + 4 * SECOND, tick=False):
        assert match and client.post("/signaler", data=WRONG | {"marque": match[1]}).status_code == 303


@pytest.mark.parametrize("after", [3 * SECOND, DAY])
def test_the_bounds_of_time_are_inside(client: FlaskClient, after: timedelta) -> None:
    assert sent(client, after=after, **WRONG).status_code == 303


def test_a_mark_of_another_key_is_refused(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = mark_of(client)
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "autre"))
    assert sent(client, **WRONG, marque=token).status_code == 400


def test_a_mark_serves_once(client: FlaskClient, sqlite_engine: Engine) -> None:
    token = mark_of(client)
    assert sent(client, **WRONG, marque=token).status_code == 303
    again = sent(client, **WRONG | {"message": "autre chose"}, marque=token, after=60 * SECOND)
    assert again.status_code == 400 and "déjà servi" in again.text and "autre chose" in again.text
    assert token not in again.text and len(kept(sqlite_engine)) == 1
    twice = sent(client, **WRONG, marque=token, after=61 * SECOND)
    assert twice.status_code == 303 and "suite=deja" in twice.location


def test_marks_given_in_the_same_second_differ(client: FlaskClient) -> None:
    assert mark_of(client) != mark_of(client)


def test_a_flood_on_one_film_leaves_the_others_open(client: FlaskClient) -> None:
    answers = [sent(client, **WRONG | {"message": f"faux {rank}"}).status_code for rank in range(MAX_PER_HOUR_AND_FILM + 1)]
    assert answers == [303] * MAX_PER_HOUR_AND_FILM + [429]
    assert sent(client, **WRONG | {"film": "2"}).status_code == 303


def test_beyond_so_many_an_hour_the_page_says_to_try_later(client: FlaskClient, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        for rank in range(MAX_PER_HOUR):
            session.add(ReaderReport(number=str(rank), complaint=Complaint.OTHER, received_at=NOW))
    answer = sent(client, **WRONG)
    assert answer.status_code == 429 and "Retry-After" in answer.headers and "plus tard" in answer.text and "3,99" in answer.text
    assert sent(client, **WRONG, after=timedelta(minutes=61)).status_code == 303


def test_a_missing_film_is_kept_with_what_is_known_of_it(client: FlaskClient, sqlite_engine: Engine) -> None:
    assert 'value="Dune 3"' in client.get("/introuvable?titre=Dune+3").text
    answer = sent(client, "/introuvable", titre=" Dune\t3 ", annee="2026", realisation="Denis Villeneuve")
    (report,) = kept(sqlite_engine)
    assert (report.complaint, report.title, report.film_id) == (Complaint.MISSING_FILM, "Dune 3", None)
    assert "2026" in report.message and "Denis Villeneuve" in report.message
    page = client.get(answer.location).text
    assert "Film introuvable" in page and "Dune 3" not in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"titre": ""}, "Écrivez le titre"),
        ({"titre": "Dune", "annee": "19O6"}, "quatre chiffres"),
        ({"titre": "a" * 201}, "200 caractères"),
    ],
)
def test_a_missing_film_without_a_title_is_told(client: FlaskClient, typed: dict[str, Any], message: str) -> None:
    answer = sent(client, "/introuvable", **typed)
    assert answer.status_code == 400 and message in answer.text and "à revoir" in answer.text


def test_the_answer_of_agents_is_shown_with_its_state_and_dates(client: FlaskClient, sqlite_engine: Engine) -> None:
    sent(client, **WRONG)
    (report,) = kept(sqlite_engine)
    with write_session(sqlite_engine) as session:
        reply = "Le prix est corrigé. <b>Merci</b>"
        answer_report(session, report.number, make_agent(session), report.state, ReportState.CORRECTED, reply, NOW + DAY)
    page = client.get(f"/signalements/{report.number}").text
    assert (
        "Corrigé" in page
        and "22&nbsp;novembre" not in page
        and "22\u00a0novembre\u00a02026" in page
        and "23\u00a0novembre" in page
    )
    assert "&lt;b&gt;Merci" in page and "camille" not in page.lower()


def test_the_correction_is_told_in_plain_words_and_nobody_is_named(client: FlaskClient, sqlite_engine: Engine) -> None:
    number = sent(client, **WRONG).location.partition("?")[0].rpartition("/")[2]
    with write_session(sqlite_engine) as session:
        act = log_audit_event(session, NOW, (agent := make_agent(session)).id, "none", film_id=VADROUILLE)
        answer_report(session, number, agent, ReportState.RECEIVED, ReportState.CORRECTED, "Merci.", NOW + DAY, act.id)
    page = client.get(f"/signalements/{number}").text.replace("\u00a0", " ")
    assert "corrigé le" in page and "22 novembre 2026 : lien retiré" in page and "camille" not in page.lower()
    english = client.get(f"/en/signalements/{number}").text
    assert "corrected on" in english and "link removed" in english


def test_one_line_of_a_service_that_has_several_is_chosen(client: FlaskClient, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        rent = session.exec(select(Offer).where(Offer.price_cents == 299)).all()[0]
        other = Offer(**rent.model_dump(exclude={"id", "identity", "quality", "price_cents"}), identity="sd", price_cents=199)
        session.add(other)
        session.flush()
        first, second = rent.id, other.id
    page = client.get(f"/signaler?offre={first}").text
    assert "De quelle ligne" in page and f'value="{first}" checked' in page and f'name="offre" value="{second}">' in page
    assert "1,99" in page and "De quelle ligne" not in client.get("/signaler?film=1").text
    answer = sent(client, f"/signaler?offre={first}", plainte="price", message="faux", film="1", offre=str(second))
    assert answer.status_code == 303 and [report.offer_id for report in kept(sqlite_engine)] == [second]


def test_a_number_is_looked_up_however_it_is_typed(client: FlaskClient, sqlite_engine: Engine) -> None:
    sent(client, **WRONG)
    (report,) = kept(sqlite_engine)
    typed = report.number.lower().replace("-", "")
    assert client.get(f"/signalements?numero={typed}").location == f"/signalements/{report.number}"
    assert client.get(f"/signalements/{typed}").location == f"/signalements/{report.number}"
    wrong = client.get("/signalements?numero=<b>")
    assert wrong.status_code == 400 and "pas un numéro" in wrong.text and "&lt;b&gt;" in wrong.text
    assert client.get("/signalements/R-222-222").status_code == 404 and client.get("/signalements/x").status_code == 404
    assert client.get(f"/signalements/{report.number}?suite=x").status_code == 400


def test_the_treatment_is_public(client: FlaskClient, sqlite_engine: Engine) -> None:
    assert "Aucun signalement" in client.get("/signalements").text
    sent(client, **WRONG)
    page = client.get("/signalements").text
    assert "<dt>reçus</dt><dd>1</dd>" in page and "Le prix n’est pas le bon" in page and "–" in page


def test_a_report_sent_in_english_is_followed_in_english(client: FlaskClient) -> None:
    answer = sent(client, "/en/signaler", **WRONG)
    assert answer.location.startswith("/en/signalements/R-")


def test_a_hostile_title_stays_text(client: FlaskClient) -> None:
    page = client.get(f"/signaler?film={HOSTILE}").text
    assert HOSTILE_TITLE not in page and "&lt;script&gt;" in page


def test_a_flood_of_bytes_is_refused(client: FlaskClient) -> None:
    assert sent(client, **WRONG | {"message": "a" * 20_000}).status_code == 413
    assert sent(client, **WRONG | {"message": "🎬" * 1_000}).status_code == 303


@settings(max_examples=60)
@given(typed=st.dictionaries(FIELDS, st.text(max_size=60) | st.sampled_from(["1", "price", "other"])), missing=st.booleans())
def test_whatever_is_sent_gets_a_page_in_french(client: FlaskClient, typed: dict[str, Any], missing: bool) -> None:
    answer = sent(client, "/introuvable" if missing else "/signaler", **typed)
    assert answer.status_code in (303, 400, 404, 429)
    assert answer.status_code == 303 or '<html lang="fr">' in answer.text


def test_both_databases_take_and_show_reports(engine: Engine, moment: object) -> None:
    build_scene(engine, NOW)
    client = create_app(engine).test_client()
    answer = sent(client, **WRONG | {"message": "\x00a"}, offre="1")
    assert answer.status_code == 303 and client.get(answer.location).status_code == 200
    with read_session(engine) as session:
        report = find_report(session, urlsplit(answer.location).path.rpartition("/")[2])
    assert report and (report.film_id, report.offer_id, report.message) == (VADROUILLE, 1, "a")
    assert "<dd>1</dd>" in client.get("/signalements").text
