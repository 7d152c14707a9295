"""Test the pages of runs: found, read, accepted or rejected with a reason, and refused to who only reads."""

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from domain.common.enums import IssueLevel, Role, RunState
from domain.db.engine import read_session, write_session
from domain.db.locks import hold_lock
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.offer import Offer
from domain.models.run import Run
from domain.runs.runs import add_issue, add_omitted_issues, open_run
from domain.runs.validation import RunExpectations
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient, get_text

LIST = "/agents/collectes"


def prepare_runs(session: Session) -> int:
    """Store an accepted run, then a held one (a title gone, another new, a price changed); return its id."""
    platform = make_platform(session)
    collect_run(
        session,
        platform,
        [make_observation("1", "Playtime", make_rental(299)), make_observation("2", "Trafic", make_rental(299))],
        NOW,
    )
    observations = [make_observation("1", "Playtime", make_rental(399)), make_observation("3", "<b>Parade</b>", make_rental(199))]
    run = collect_run(session, platform, observations, NOW, RunExpectations(min=10))
    add_issue(session, get_id(run), IssueLevel.WARNING, "mot inconnu", "format « 4k »", "1")
    add_omitted_issues(session, get_id(run), IssueLevel.WARNING, "mot inconnu", 12)
    add_issue(session, get_id(run), IssueLevel.ERROR, "ligne illisible", "un nombre est attendu", "9")
    run.documents = [{"url": "https://cine.example/a.json", "sha256": "ab" * 32, "fetched_at": "2026-11-22T13:00:00+00:00"}]
    return get_id(run)


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    with write_session(sqlite_staff.engine) as session:
        assert prepare_runs(session) == 2
    sqlite_staff.sign_in()
    return sqlite_staff


def post(staff: StaffClient, verb: str, reason: str = "", run_id: int = 2) -> TestResponse:
    return staff.client.post(
        f"{LIST}/{run_id}/{verb}", data={"csrf": staff.get_csrf_token(), "raison": reason}, headers=SAME_ORIGIN
    )


def get_run_state(staff: StaffClient, run_id: int = 2) -> RunState:
    with read_session(staff.engine) as session:
        return session.get_one(Run, run_id).state


def test_the_list_is_narrowed_by_service_and_state_and_paged(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        for _ in range(55):
            collect_run(session, make_platform(session, "kiosque"), [make_observation("1", "Playtime", make_rental())], NOW)
    first = get_text(manager.client.get(LIST))
    assert "n° 57 Kiosque" in first and "n° 7 Kiosque" not in first and "Plus anciens" in first
    assert "n° 2 Cine-Exemple" in get_text(manager.client.get(f"{LIST}?page=2"))
    held_text = get_text(manager.client.get(f"{LIST}?etat=held&service=cine-exemple"))
    assert "n° 2 Cine-Exemple" in held_text and "n° 1 " not in held_text and "10 attendus au moins" in held_text
    assert "n° 57" in get_text(manager.client.get(f"{LIST}?etat=nimporte&service=nulle-part")), "nonsense is no filter"
    assert "Aucune collecte." in get_text(manager.client.get(f"{LIST}?etat=rejected"))


def test_a_held_run_says_why_and_what_accepting_it_would_change(manager: StaffClient) -> None:
    page = manager.client.get(f"{LIST}/2")
    words = get_text(page)
    for expected in (
        "2 titres gardés, 10 attendus au moins.",
        "Titres ajoutés, ou revenus : 1", "Titres absents : 1", "Offres ouvertes : 2", "Offres closes : 1",
        "Prix changés (compris dans les offres ouvertes et closes) : 1", "Playtime 1 location 2,99 € 3,99 €",
        "1 offre que la collecte n’a pas vue resterait montrée",
        "Ligne illisible : 1 ( erreur )", "Mot inconnu : 13", "Accepter ne se défait pas",
    ):  # fmt: skip
        assert expected in words, expected
    assert "<b>Parade" not in page.text and "https://cine.example/a.json" in words and "et 12 autres" not in words


def test_a_held_run_is_accepted_with_a_reason_and_shown(staff: StaffClient) -> None:
    with write_session(staff.engine) as session:
        prepare_runs(session)
    staff.sign_in()
    answer = post(staff, "accepter", "l'éditeur confirme")
    assert (answer.status_code, answer.location) == (303, f"{LIST}/2")
    words = get_text(staff.client.get(answer.location))
    assert "acceptée (complète), c’est elle qui est montrée" in words
    assert "Acceptée par Camille Martin : « l’éditeur confirme »" in words and "Décider" not in words
    assert "Titres absents, et jamais revus : 1" in words and "Offres ouvertes : 2" in words
    with read_session(staff.engine) as session:
        assert len(session.exec(select(Offer)).all()) == 4
    last = staff.list_audit_events()[-1]
    assert (last.action, last.run_id, (last.after or {})["reason"]) == ("run-accepted", 2, "l'éditeur confirme")
    assert "état : en attente → acceptée" in get_text(staff.client.get("/agents/historique"))


def test_a_held_run_is_rejected_put_back_and_still_acceptable(manager: StaffClient) -> None:
    assert post(manager, "refuser", "liste coupée").status_code == 303 and get_run_state(manager) is RunState.REJECTED
    words = get_text(manager.client.get(f"{LIST}/2"))
    assert "Refusée par Camille Martin : « liste coupée »" in words and "Remettre en attente" in words
    assert "Accepter la collecte" in words and "Refuser la collecte" not in words
    assert post(manager, "remettre").status_code == 303 and get_run_state(manager) is RunState.HELD
    assert [event.action for event in manager.list_audit_events()] == ["sign-in", "run-rejected", "run-held-again"]


def test_without_a_reason_nothing_happens_and_the_page_says_so(manager: StaffClient) -> None:
    for verb in ("accepter", "refuser"):
        answer = post(manager, verb, " ")
        assert (
            answer.status_code == 409
            and "Une raison est attendue" in get_text(answer)
            and get_run_state(manager) is RunState.HELD
        )
    assert "lu deux fois" in post(manager, "remettre", "lu deux fois").text


def test_while_the_service_is_collected_nothing_is_decided_of_its_runs(manager: StaffClient) -> None:
    with hold_lock(manager.engine, "crawl-cine-exemple", "pris"):
        answer = post(manager, "accepter", "vu")
    assert answer.status_code == 409 and "Une collecte de ce service est en cours" in get_text(answer)
    assert get_run_state(manager) is RunState.HELD and 'maxlength="1000" required>vu</textarea>' in answer.text


def test_a_great_run_is_compared_only_when_asked(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        run = session.get_one(Run, 2)
        run.counts = {**run.counts, "kept": 100_000}
        session.add(run)
    words = get_text(manager.client.get(f"{LIST}/2"))
    assert "Compter ce qui changerait" in words and "Titres absents" not in words and "Accepter la collecte" in words
    assert "Titres absents : 1" in get_text(manager.client.get(f"{LIST}/2?ecarts=1"))


def test_who_only_reads_sees_the_run_and_decides_nothing(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        session.exec(select(Agent)).one().role = Role.READER
    assert "Décider" not in get_text(manager.client.get(f"{LIST}/2"))
    assert post(manager, "accepter", "vu").status_code == 403 and get_run_state(manager) is RunState.HELD


def test_a_run_that_is_over_or_unknown_says_so(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        platform = make_platform(session)
        collect_run(
            session,
            platform,
            [make_observation("1", "Playtime", make_rental()), make_observation("2", "Trafic", make_rental())],
            NOW,
        )
        open_run(session, platform, NOW)
    words = get_text(manager.client.get(f"{LIST}/2"))
    assert "Ses lignes ne sont plus gardées" in words and "plus récente, a déjà été acceptée" in words
    assert "Accepter la collecte" not in words and "Refuser la collecte" in words
    assert manager.client.get(f"{LIST}/4").status_code == 200
    assert manager.client.get(f"{LIST}/99").status_code == 404 and post(manager, "accepter", "vu", 99).status_code == 404
