"""The desk without script: a case, its answers, its filters, its search, its history."""

import re
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from domain.common.enums import AuthorKind, CaseCause, ReasonCode, RecordState, Verdict
from domain.db.engine import read_session, write_session
from domain.linking.judgements import get_live_judgement, record_decision
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import SourceRecord
from domain.models.review_case import ReviewCase
from domain.review.queue import CaseFilter, claim_cases
from tests.domain.builders import make_decision
from tests.domain.review_scene import make_agent, make_doubtful_cases, make_known_film
from tests.webapp.staff.conftest import NOW, REVIEW, SAME_ORIGIN, StaffClient

TITLES = ["Récréation", "Mon oncle d’Amérique", "<script>alert(1)</script>"]


def prepared(door: StaffClient) -> StaffClient:
    """Three doubtful titles, two films near them and one that is not, an agent who is in."""
    with write_session(door.engine) as session:
        for number, title in ((1, "Playtime"), (2, "Mon oncle"), (3, "Trafic")):
            make_known_film(session, number, title, 1966 + number, 80)
        make_doubtful_cases(session, TITLES)
    door.sign_in()
    return door


@pytest.fixture
def desk(light_door: StaffClient) -> StaffClient:
    return prepared(light_door)


def words_of(answer: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<template.*?</template>", "", answer.text, flags=re.S))).split())


def case_in_hand(answer: TestResponse) -> int:
    return int(re.findall(r'data-case="(\d+)"', answer.text)[0])


def say(door: StaffClient, case_id: int, **said: object) -> TestResponse:
    return door.client.post(f"/agents/cas/{case_id}", data={"csrf": door.get_csrf_token(), **said}, headers=SAME_ORIGIN)


def judged(door: StaffClient, case_id: int) -> tuple[Verdict, int | None]:
    with read_session(door.engine) as session:
        live = get_live_judgement(session, session.get_one(ReviewCase, case_id).entry_id or 0)
        assert live is not None
        return live.verdict, live.film_id


def test_a_case_is_shown_answered_and_taken_back(door: StaffClient) -> None:
    prepared(door)
    page = door.client.get(REVIEW)
    case_id, words = case_in_hand(page), words_of(page)
    assert "Récréation" in words and "1 Playtime" not in words and "3 doutes" in words
    assert "Ce qui a décidé : veto : essai." in words and "titre proche +1,0" in words and "réalisateurs différents" in words
    answer = say(door, case_id, reponse="same", film=1)
    assert (answer.status_code, answer.headers["Location"]) == (303, REVIEW)
    assert judged(door, case_id) == (Verdict.SAME, 1)
    page = door.client.get(REVIEW)
    assert case_in_hand(page) != case_id and "« Récréation » : c’est ce film." in words_of(page)
    answer = door.client.post("/agents/annuler", data={"csrf": door.get_csrf_token()}, headers=SAME_ORIGIN)
    assert answer.headers["Location"] == f"{REVIEW}?cas={case_id}" and judged(door, case_id) == (Verdict.UNSURE, None)
    assert case_in_hand(door.client.get(answer.headers["Location"])) == case_id
    assert [line.action for line in door.list_audit_events()] == ["sign-in", "same", "undo"]


def test_what_a_platform_wrote_is_text_and_its_link_a_web_page(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        for entry, url in zip(
            session.exec(select(Entry)).all(), ("javascript:alert(1)", "https://cine.example/2", None), strict=True
        ):
            entry.url = url
            session.add(entry)
    texts = [desk.client.get(f"{REVIEW}?cas={case_id}").text for case_id in (1, 2, 3)]
    assert "javascript:" not in texts[0] and 'href="https://cine.example/2" rel="noopener noreferrer nofollow"' in texts[1]
    assert "<script>alert" not in texts[2] and "&lt;script&gt;alert" in texts[2]


@pytest.mark.parametrize(
    ("said", "told"),
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
def test_an_answer_that_makes_no_sense_changes_nothing(desk: StaffClient, said: dict[str, str], told: str) -> None:
    answer = say(desk, 1, **said)
    assert answer.status_code == 409 and told in words_of(answer) and judged(desk, 1) == (Verdict.UNSURE, None)


@pytest.mark.parametrize("case_id", [999, 2**31 - 1])
def test_a_case_that_is_not_there_is_said(desk: StaffClient, case_id: int) -> None:
    assert "déjà été réglé" in words_of(say(desk, case_id, reponse="none"))


def test_nobody_answers_a_case_on_somebody_elses_screen(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        other = make_agent(session, "sacha")
        held = {case.id for case in claim_cases(session, other.id or 0, CaseFilter(), NOW)}
    assert held == {1, 2} and case_in_hand(desk.client.get(f"{REVIEW}?cas=1")) == 3
    answer = say(desk, 1, reponse="none")
    assert answer.status_code == 409 and "quelqu’un d’autre" in words_of(answer)


def test_filters_choose_cases_and_follow_the_agent(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        make_doubtful_cases(session, ["Trafic"], slug="kiosque")
        session.get_one(ReviewCase, 2).doubt, session.get_one(ReviewCase, 4).popularity = "years", 80
    assert case_in_hand(desk.client.get(f"{REVIEW}?doute=years")) == 2
    page = desk.client.get(f"{REVIEW}?plateforme=kiosque&connus=oui&motif=doubt")
    assert case_in_hand(page) == 4 and 'action="/agents/cas/4?plateforme=kiosque&amp;motif=doubt&amp;connus=1"' in page.text
    answer = desk.client.post(
        "/agents/cas/4?plateforme=kiosque", data={"csrf": desk.get_csrf_token(), "reponse": "unsure"}, headers=SAME_ORIGIN
    )
    assert answer.headers["Location"] == f"{REVIEW}?plateforme=kiosque"
    assert "Aucun cas à vérifier avec ces filtres." in words_of(desk.client.get(answer.headers["Location"]))
    assert case_in_hand(desk.client.get(f"{REVIEW}?plateforme=nulle-part&motif=x&doute=y&cas=z")) == 1, "nonsense is no filter"


def test_a_film_searched_for_can_be_chosen(desk: StaffClient) -> None:
    page = desk.client.get(f"{REVIEW}?cas=2&q=trafic")
    assert case_in_hand(page) == 2 and "Trafic (fiche, nouvel onglet) trouvé par la recherche" in words_of(page)
    assert 'data-key="3"' in page.text.partition("<template")[0]
    say(desk, 2, reponse="same", film=3)
    assert judged(desk, 2) == (Verdict.SAME, 3)


def test_a_persons_word_is_shown_when_the_matcher_disagrees(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        case = session.get_one(ReviewCase, 1)
        decision = make_decision(Verdict.SAME, 3, "agent sacha", "choisi par un agent", by_person=True)
        record_decision(session, case.entry_id or 0, get_live_judgement(session, case.entry_id or 0), decision, NOW)
        case.cause = CaseCause.DISAGREEMENT
    words = words_of(desk.client.get(f"{REVIEW}?cas=1"))
    assert "désaccord avec une décision" in words and "Décision en vigueur : choisi par un agent (agent sacha)." in words
    assert "Trafic (fiche, nouvel onglet) film de la décision en vigueur" in words, "the agent can confirm it with a key"


def a_line_of_a_base(session: Session) -> None:
    proposals = [
        {"film_id": 1, "probability": 0.7, "reason": {"code": "comparisons", "params": {}}, "clues": {"title.exact": 1.9}}
    ]
    payload = {
        "source_ref": "w1",
        "title": "PlayTime",
        "original_title": "Play Time",
        "year": 1967,
        "directors": ["Jacques Tati"],
    }
    told: dict[str, Any] = {
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
    line = SourceRecord(**told, state=RecordState.DOUBTFUL, proposals=proposals)
    session.add(line)
    session.flush()
    session.add(ReviewCase(source_record_id=line.id, cause=CaseCause.DOUBT, film_id=1, popularity=99, opened_at=NOW))


@pytest.mark.parametrize(
    ("said", "state"), [({"reponse": "same", "film": 1}, RecordState.LINKED), ({"reponse": "none"}, RecordState.NEW)]
)
def test_a_line_of_a_second_base_is_settled_at_the_same_desk(
    desk: StaffClient, said: dict[str, object], state: RecordState
) -> None:
    with write_session(desk.engine) as session:
        a_line_of_a_base(session)
    words = words_of(page := desk.client.get(REVIEW))
    assert "base monde, n° w1" in words and "Jacques Tati" in words and "veto : essai" in words
    assert say(desk, case_in_hand(page), **said).status_code == 303
    with read_session(desk.engine) as session:
        assert session.exec(select(SourceRecord)).one().state is state
    desk.client.post("/agents/annuler", data={"csrf": desk.get_csrf_token()}, headers=SAME_ORIGIN)
    with read_session(desk.engine) as session:
        assert session.exec(select(SourceRecord)).one().state is RecordState.DOUBTFUL


def test_the_history_says_who_did_what(desk: StaffClient) -> None:
    say(desk, 1, reponse="same", film=1)
    say(desk, 2, reponse="missing")
    words = words_of(desk.client.get("/agents/historique"))
    assert "Camille Martin film absent de la base « Mon oncle d’Amérique »" in words
    assert "Camille Martin c’est ce film « Récréation » Playtime" in words and "connexion" in words
    with write_session(desk.engine) as session:
        session.exec(select(Agent)).one().name = "Camille M."
    assert "Camille M." in words_of(desk.client.get("/agents/historique?agent=camille"))
    assert "Rien ici." in words_of(desk.client.get("/agents/historique?page=2"))
    assert desk.client.get("/agents/historique?page=zéro").status_code == 400


def test_what_the_checks_say_is_shown(desk: StaffClient) -> None:
    assert words_of(desk.client.get("/agents/controles")).count("Pas encore mesuré.") == 2
    with write_session(desk.engine) as session:
        session.get_one(ReviewCase, 1).cause = CaseCause.AUDIT
        session.get_one(ReviewCase, 2).cause = CaseCause.SILENT
    say(desk, 1, reponse="same", film=1)
    say(desk, 2, reponse="unsure")
    words = words_of(desk.client.get("/agents/controles"))
    assert "Tous les services 1 0 0 0,0 % 0,0 % à 97,5 %" in words and "Cine-Exemple 0 0 1 pas encore mesuré" in words
