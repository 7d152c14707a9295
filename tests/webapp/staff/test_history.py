"""Test the history: what each act bears on and changed, narrowed by agent, act and day of Paris."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import TaskKind
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.tasks import open_task
from tests.domain.builders import make_film, make_platform
from tests.domain.review_scene import make_agent
from tests.webapp.staff.conftest import HISTORY, NOW, StaffClient, get_text


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    sqlite_staff.sign_in()
    with write_session(sqlite_staff.engine) as session:
        sacha, platform = make_agent(session, "sacha"), make_platform(session)
        session.add(make_film(7, "Playtime"))
        task = open_task(session, get_id(platform), TaskKind.ROBOTS, "robots.txt a changé", NOW)
        changed: dict[str, Any] = {
            "before": {"state": "held", "year": 1966, "same": 1},
            "after": {"state": "rejected", "year": 1967, "same": 1},
        }
        late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
        log_audit_event(session, late, sacha.id, "task-closed", task_id=task.id, platform_id=platform.id, film_id=7, **changed)
        log_audit_event(
            session, NOW, None, "task-closed", after={"closed": True, "countries": ["France", "Italie"], "title": "<b>x</b>"}
        )
    return sqlite_staff


def test_an_act_tells_what_it_bears_on_and_what_it_changed(manager: StaffClient) -> None:
    page = manager.client.get(HISTORY)
    words = get_text(page)
    assert "Sacha tâche close Playtime Cine-Exemple tâche n° 1 état : en attente → refusée année : 1966 → 1967" in words
    assert "en ligne de commande tâche close close : – → oui pays : – → France, Italie titre : – → <b>x</b>" in words
    assert "same" not in words and "<b>x" not in page.text
    for address in ("/agents/taches/1", "/agents/services/cine-exemple"):
        assert f'href="{address}"' in page.text and manager.client.get(address).status_code == 200


def test_the_history_is_narrowed_by_agent_act_and_day(manager: StaffClient) -> None:
    def list_visible_actors(query: str) -> list[bool]:
        table = get_text(manager.client.get(f"{HISTORY}?{query}")).partition("Ce qui a changé")[2]
        return [name in table for name in ("Sacha", "Camille Martin", "en ligne de commande")]

    assert list_visible_actors("") == [True, True, True]
    assert list_visible_actors("agent=sacha") == [True, False, False]
    assert list_visible_actors("acte=sign-in") == [False, True, False]
    assert list_visible_actors("acte=task-closed") == [True, False, True]
    assert list_visible_actors("jour=2026-11-21") == [True, False, False], "half past midnight in Paris"
    assert list_visible_actors("jour=2026-11-20") == [False, False, False]
    for day in ("hier", "0001-01-01", "9999-12-31"):
        assert list_visible_actors(f"agent=personne&acte=rien&jour={day}") == [True, True, True], "nonsense is no filter"


def test_a_long_history_keeps_its_filters_from_page_to_page(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        agent = session.exec(select(Agent).where(Agent.login == "sacha")).one()
        platform = session.exec(select(Platform)).one()
        for _ in range(60):
            log_audit_event(session, NOW, agent.id, "run-wanted", platform_id=platform.id)
    page = manager.client.get(f"{HISTORY}?agent=sacha")
    assert 'href="/agents/historique?agent=sacha&amp;page=2" rel="next"' in page.text
    assert "tâche close" in get_text(manager.client.get(f"{HISTORY}?agent=sacha&page=2")).partition("Ce qui a changé")[2]


def test_states_and_moments_are_told_in_french(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        log_audit_event(session, NOW, None, "report", before={"state": "received"}, after={"state": "not-open"})
        log_audit_event(session, NOW, None, "run-wanted", after={"wanted": "2026-11-22T13:37:00.5+00:00"})
        log_audit_event(
            session, NOW, None, "same", before={"verdict": "unsure", "film": None}, after={"verdict": "same", "film": 7}
        )
    words = get_text(manager.client.get(HISTORY))
    assert "état : reçu → fenêtre non ouverte" in words and "demandée : – → 22 novembre 2026 à 14 h 37" in words
    assert "décision : indécis → c’est ce film film n° : – → 7" in words
