"""Test reviewing without script: a case, its answers, its filters, its search, its history."""

import re
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from domain.common.enums import AuthorKind, CaseCause, ReasonCode, RecordState, TitleKind, Verdict
from domain.db.engine import read_session, write_session
from domain.linking.judgements import get_live_judgement, record_decision
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.entry import Entry
from domain.models.film import FilmTitle, SourceRecord
from domain.models.review_case import ReviewCase
from domain.review.queue import CaseFilter, claim_cases
from tests.domain.builders import make_decision
from tests.domain.review_scene import make_agent, make_doubtful_cases, make_known_film
from tests.webapp.staff.conftest import NOW, REVIEW, SAME_ORIGIN, StaffClient

TITLES = ["Récréation", "Mon oncle d’Amérique", "<script>alert(1)</script>"]


def prepare_review(staff: StaffClient) -> StaffClient:
    """Store three doubtful titles, two films near them and one that is not, and sign an agent in."""
    with write_session(staff.engine) as session:
        for number, title in ((1, "Playtime"), (2, "Mon oncle"), (3, "Trafic")):
            make_known_film(session, number, title, 1966 + number, 80)
        make_doubtful_cases(session, TITLES)
    staff.sign_in()
    return staff


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    return prepare_review(sqlite_staff)


def get_visible_text(response: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<template.*?</template>", "", response.text, flags=re.S))).split())


def get_current_case_id(response: TestResponse) -> int:
    return int(re.findall(r'data-case="(\d+)"', response.text)[0])


def post_answer(staff: StaffClient, case_id: int, **form: object) -> TestResponse:
    return staff.client.post(f"/agents/cas/{case_id}", data={"csrf": staff.get_csrf_token(), **form}, headers=SAME_ORIGIN)


def get_decision(staff: StaffClient, case_id: int) -> tuple[Verdict, int | None]:
    with read_session(staff.engine) as session:
        case = session.get_one(ReviewCase, case_id)
        assert case.entry_id is not None
        live = get_live_judgement(session, case.entry_id)
        assert live is not None
        return live.verdict, live.film_id


def test_a_case_is_shown_answered_and_taken_back(staff: StaffClient) -> None:
    prepare_review(staff)
    page = staff.client.get(REVIEW)
    case_id, words = get_current_case_id(page), get_visible_text(page)
    assert "Récréation" in words and "1 Playtime" not in words and "3 doutes" in words
    assert "Ce qui a décidé : veto : essai." in words and "titre proche +1,0" in words and "réalisateurs différents" in words
    response = post_answer(staff, case_id, reponse="same", film=1)
    assert (response.status_code, response.headers["Location"]) == (303, REVIEW)
    assert get_decision(staff, case_id) == (Verdict.SAME, 1)
    page = staff.client.get(REVIEW)
    assert get_current_case_id(page) != case_id and "« Récréation » : c’est ce film." in get_visible_text(page)
    response = staff.client.post("/agents/annuler", data={"csrf": staff.get_csrf_token()}, headers=SAME_ORIGIN)
    assert response.headers["Location"] == f"{REVIEW}?cas={case_id}" and get_decision(staff, case_id) == (Verdict.UNSURE, None)
    assert get_current_case_id(staff.client.get(response.headers["Location"])) == case_id
    assert [event.action for event in staff.list_audit_events()] == ["sign-in", "same", "undo"]


BOX = re.compile(r'<input type="checkbox" name="retenir" value="1"( checked)?> retenir «&nbsp;([^«»]+)&nbsp;»')


def test_the_title_is_kept_when_the_box_is_left_checked_and_undoing_removes_it(staff: StaffClient) -> None:
    prepare_review(staff)
    page = staff.client.get(REVIEW)
    assert BOX.findall(page.text.partition("<template")[0]) == [(" checked", "Récréation")] * 2
    post_answer(staff, get_current_case_id(page), reponse="same", film=1, retenir=1)
    assert list_titles(staff) == [("Playtime", TitleKind.DISPLAY), ("Récréation", TitleKind.ALIAS)]
    history = get_visible_text(staff.client.get("/agents/historique"))
    assert "titre retenu : « Récréation »" in history
    assert "titre retenu : « Récréation »" in get_visible_text(staff.client.get("/agents/films/1"))
    staff.client.post("/agents/annuler", data={"csrf": staff.get_csrf_token()}, headers=SAME_ORIGIN)
    assert list_titles(staff) == [("Playtime", TitleKind.DISPLAY)]


def test_a_title_of_another_object_is_not_kept_by_default_and_one_that_the_film_has_is_not_offered(staff: StaffClient) -> None:
    with write_session(staff.engine) as session:
        for number, title in ((1, "Playtime"), (2, "Récréation 2")):
            make_known_film(session, number, title, 1966 + number, 80)
        make_doubtful_cases(session, ["Récréation 2"])
    staff.sign_in()
    page = staff.client.get(REVIEW)
    assert BOX.findall(page.text) == [("", "Récréation 2")]
    post_answer(staff, get_current_case_id(page), reponse="same", film=1)
    assert list_titles(staff) == [("Playtime", TitleKind.DISPLAY)]


def list_titles(staff: StaffClient) -> list[tuple[str, TitleKind]]:
    with read_session(staff.engine) as session:
        rows = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1))
        return sorted((row.title, row.kind) for row in rows)


def test_what_a_platform_wrote_is_text_and_its_link_a_web_page(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        for entry, url in zip(
            session.exec(select(Entry)).all(), ("javascript:alert(1)", "https://cine.example/2", None), strict=True
        ):
            entry.url = url
            session.add(entry)
    texts = [manager.client.get(f"{REVIEW}?cas={case_id}").text for case_id in (1, 2, 3)]
    assert "javascript:" not in texts[0] and 'href="https://cine.example/2" rel="noopener noreferrer nofollow"' in texts[1]
    assert "<script>alert" not in texts[2] and "&lt;script&gt;alert" in texts[2]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"reponse": "peut-être"}, "Réponse inconnue"),
        ({}, "Réponse inconnue"),
        ({"reponse": "same"}, "Film inconnu"),
        ({"reponse": "same", "film": "99"}, "Film inconnu"),
        ({"reponse": "same", "film": "9" * 30}, "Film inconnu"),
        ({"reponse": "none", "film": "1"}, "Film inconnu"),
        ({"reponse": "same", "film": "²"}, "Film inconnu"),
    ],
)
def test_an_answer_that_makes_no_sense_changes_nothing(manager: StaffClient, form: dict[str, str], message: str) -> None:
    response = post_answer(manager, 1, **form)
    assert (
        response.status_code == 409
        and message in get_visible_text(response)
        and get_decision(manager, 1) == (Verdict.UNSURE, None)
    )


@pytest.mark.parametrize("case_id", [999, 2**31 - 1])
def test_a_case_that_is_not_there_is_said(manager: StaffClient, case_id: int) -> None:
    assert "déjà été réglé" in get_visible_text(post_answer(manager, case_id, reponse="none"))


def test_nobody_answers_a_case_on_somebody_elses_screen(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        other = make_agent(session, "sacha")
        claimed_ids = {case.id for case in claim_cases(session, get_id(other), CaseFilter(), NOW)}
    assert claimed_ids == {1, 2} and get_current_case_id(manager.client.get(f"{REVIEW}?cas=1")) == 3
    response = post_answer(manager, 1, reponse="none")
    assert response.status_code == 409 and "quelqu’un d’autre" in get_visible_text(response)


def test_filters_choose_cases_and_follow_the_agent(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        make_doubtful_cases(session, ["Trafic"], slug="kiosque")
        session.get_one(ReviewCase, 2).doubt, session.get_one(ReviewCase, 4).popularity = "years", 80
    assert get_current_case_id(manager.client.get(f"{REVIEW}?doute=years")) == 2
    page = manager.client.get(f"{REVIEW}?plateforme=kiosque&connus=oui&motif=doubt")
    assert (
        get_current_case_id(page) == 4 and 'action="/agents/cas/4?plateforme=kiosque&amp;motif=doubt&amp;connus=1"' in page.text
    )
    response = manager.client.post(
        "/agents/cas/4?plateforme=kiosque", data={"csrf": manager.get_csrf_token(), "reponse": "unsure"}, headers=SAME_ORIGIN
    )
    assert response.headers["Location"] == f"{REVIEW}?plateforme=kiosque"
    assert "Aucun cas à vérifier avec ces filtres." in get_visible_text(manager.client.get(response.headers["Location"]))
    assert get_current_case_id(manager.client.get(f"{REVIEW}?plateforme=nulle-part&motif=x&doute=y&cas=z")) == 1, (
        "nonsense is no filter"
    )


def test_a_film_searched_for_can_be_chosen(manager: StaffClient) -> None:
    page = manager.client.get(f"{REVIEW}?cas=2&q=trafic")
    assert get_current_case_id(page) == 2 and "Trafic (fiche, nouvel onglet) trouvé par la recherche" in get_visible_text(page)
    assert 'data-key="3"' in page.text.partition("<template")[0]
    post_answer(manager, 2, reponse="same", film=3)
    assert get_decision(manager, 2) == (Verdict.SAME, 3)


def test_a_persons_word_is_shown_when_the_matcher_disagrees(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        case = session.get_one(ReviewCase, 1)
        decision = make_decision(Verdict.SAME, 3, "agent sacha", "choisi par un agent", by_person=True)
        assert case.entry_id is not None
        record_decision(session, case.entry_id, get_live_judgement(session, case.entry_id), decision, NOW)
        case.cause = CaseCause.DISAGREEMENT
    words = get_visible_text(manager.client.get(f"{REVIEW}?cas=1"))
    assert "désaccord avec une décision" in words and "Décision en vigueur : choisi par un agent (agent sacha)." in words
    assert "Trafic (fiche, nouvel onglet) film de la décision en vigueur" in words, "the agent can confirm it with a key"


def add_doubtful_record(session: Session) -> None:
    compared = {"weights_by_level": {"title.exact": 1.9}, "reason": {"code": "comparisons", "params": {}}}
    proposals = [{"film_id": 1, "probability": 0.7, **compared}]
    payload = {
        "source_ref": "w1",
        "title": "PlayTime",
        "original_title": "Play Time",
        "year": 1967,
        "directors": ["Jacques Tati"],
    }
    fields: dict[str, Any] = {
        "source": "monde",
        "source_ref": "w1",
        "payload": payload,
        "content_hash": "",
        "author_kind": AuthorKind.MATCHER,
        "matcher_version": "test",
        "reason_code": ReasonCode.LEGACY,
        "reason_params": {"text": "titre exact +1,9 — veto : essai", "rule": "veto : essai"},
        "decided_at": NOW,
    }
    record = SourceRecord(**fields, state=RecordState.DOUBTFUL, proposals=proposals)
    session.add(record)
    session.flush()
    session.add(ReviewCase(source_record_id=record.id, cause=CaseCause.DOUBT, film_id=1, popularity=99, opened_at=NOW))


@pytest.mark.parametrize(
    ("form", "state"), [({"reponse": "same", "film": 1}, RecordState.LINKED), ({"reponse": "none"}, RecordState.NEW)]
)
def test_a_line_of_a_second_base_is_settled_at_the_same_desk(
    manager: StaffClient, form: dict[str, object], state: RecordState
) -> None:
    with write_session(manager.engine) as session:
        add_doubtful_record(session)
    words = get_visible_text(page := manager.client.get(REVIEW))
    assert "base monde, n° w1" in words and "Jacques Tati" in words and "veto : essai" in words
    assert post_answer(manager, get_current_case_id(page), **form).status_code == 303
    with read_session(manager.engine) as session:
        assert session.exec(select(SourceRecord)).one().state is state
    manager.client.post("/agents/annuler", data={"csrf": manager.get_csrf_token()}, headers=SAME_ORIGIN)
    with read_session(manager.engine) as session:
        assert session.exec(select(SourceRecord)).one().state is RecordState.DOUBTFUL


def test_the_history_says_who_did_what(manager: StaffClient) -> None:
    post_answer(manager, 1, reponse="same", film=1)
    post_answer(manager, 2, reponse="missing")
    words = get_visible_text(manager.client.get("/agents/historique"))
    assert "Camille Martin film absent de la base « Mon oncle d’Amérique »" in words
    assert "Camille Martin c’est ce film « Récréation » Playtime" in words and "connexion" in words
    with write_session(manager.engine) as session:
        session.exec(select(Agent)).one().name = "Camille M."
    assert "Camille M." in get_visible_text(manager.client.get("/agents/historique?agent=camille"))
    assert "Rien ici." in get_visible_text(manager.client.get("/agents/historique?page=2"))
    assert manager.client.get("/agents/historique?page=zéro").status_code == 400


def test_what_the_checks_say_is_shown(manager: StaffClient) -> None:
    assert get_visible_text(manager.client.get("/agents/controles")).count("Pas encore mesuré.") == 2
    with write_session(manager.engine) as session:
        session.get_one(ReviewCase, 1).cause = CaseCause.AUDIT
        session.get_one(ReviewCase, 2).cause = CaseCause.SILENT
    post_answer(manager, 1, reponse="same", film=1)
    post_answer(manager, 2, reponse="unsure")
    words = get_visible_text(manager.client.get("/agents/controles"))
    assert "Tous les services 1 0 0 0,0 % 0,0 % à 97,5 %" in words and "Cine-Exemple 0 0 1 pas encore mesuré" in words
