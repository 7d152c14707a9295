"""Test tasks: created, assigned, commented, closed, reopened; nothing of it for who only reads."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from werkzeug.test import TestResponse

from domain.common.enums import Role, TaskKind
from domain.db.engine import read_session, translate_storage_errors, write_session
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.models.task import Task
from domain.monitoring.robots_history import record_robots_copy
from domain.tasks import is_collection_paused, open_task
from tests.domain.builders import make_film, make_platform
from tests.domain.review_scene import make_agent
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient, get_text
from webapp.staff import tasks

LIST = "/agents/taches"


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    with write_session(sqlite_staff.engine) as session:
        open_task(session, get_id(make_platform(session)), TaskKind.ROBOTS, "robots.txt de cine.example a changé", NOW)
        session.add(make_film(7, "Playtime"))
        make_agent(session, "sacha")
    sqlite_staff.sign_in()
    return sqlite_staff


def post(staff: StaffClient, address: str, **form: str) -> TestResponse:
    return staff.client.post(f"{LIST}{address}", data={"csrf": staff.get_csrf_token(), **form}, headers=SAME_ORIGIN)


def test_a_task_is_made_about_a_service_and_a_film(manager: StaffClient) -> None:
    answer = post(manager, "", message="relire les conditions", service="cine-exemple", film="7")
    assert (answer.status_code, answer.location) == (303, f"{LIST}/2")
    words = get_text(manager.client.get(answer.location))
    assert "Relire les conditions" in words and "Cine-Exemple" in words and "Playtime" in words and "par Camille Martin" in words
    assert "Relire les conditions demande à personne" in get_text(manager.client.get(LIST))


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"message": " "}, "Dites en quelques mots"),
        ({"message": "lire", "film": "sept"}, "Film : son numéro est attendu"),
        ({"message": "lire", "film": "99"}, "Film inconnu : 99"),
        ({"message": "lire", "service": "x"}, "Service inconnu : « x »"),
    ],
)
def test_a_task_that_cannot_be_is_told_on_the_page_with_what_was_typed(
    manager: StaffClient, form: dict[str, str], message: str
) -> None:
    answer = post(manager, "", **form)
    assert answer.status_code == 409 and message in get_text(answer) and f">{form['message'].strip()}" in answer.text
    with read_session(manager.engine) as session:
        assert len(session.exec(select(Task)).all()) == 1


def test_a_task_lives_from_hand_to_hand_to_its_end_and_back(manager: StaffClient) -> None:
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("/1/confier", {"agent": "sacha"}), ("/1/commenter", {"commentaire": "c'est le pied de page"}),
        ("/1/clore", {"raison": "rien de nouveau"}), ("/1/rouvrir", {}),
    )  # fmt: skip
    for address, form in steps[:3]:
        assert post(manager, address, **form).location == f"{LIST}/1"
    words = get_text(manager.client.get(f"{LIST}/1"))
    assert "À qui Sacha" in words and "Camille Martin , le 22 novembre 2026 à 14 h 37 : c’est le pied de page" in words
    assert "par Camille Martin : « rien de nouveau »" in words and "Rouvrir la tâche" in words
    assert "robots.txt de cine.example" not in get_text(manager.client.get(LIST))
    assert "robots.txt de cine.example" in get_text(manager.client.get(f"{LIST}?closes=1"))
    post(manager, *(steps[3][0],))
    assert [event.action for event in manager.list_audit_events()][1:] == [
        "task-assigned",
        "task-commented",
        "task-closed",
        "task-reopened",
    ]
    assert "confiée à : – → sacha" in get_text(manager.client.get("/agents/historique"))


def test_closing_a_robots_task_says_that_the_service_is_collected_again(manager: StaffClient) -> None:
    assert "La clore autorise de nouveau la collecte du service" in get_text(manager.client.get(f"{LIST}/1"))
    post(manager, "/1/clore", raison="relu")
    assert "La rouvrir suspend de nouveau la collecte" in get_text(manager.client.get(f"{LIST}/1"))
    with read_session(manager.engine) as session:
        assert not is_collection_paused(session, session.exec(select(Platform)).one())


def test_a_robots_task_shows_the_lines_that_changed_since(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        for body, moment in ((b"Disallow: /old", NOW - timedelta(days=9)), (b"Disallow: /\n# <b>non</b>", NOW)):
            record_robots_copy(session, 1, "cine.example", body, moment)
        record_robots_copy(session, get_id(make_platform(session, "autre")), "autre.example", b"Disallow: /x", NOW)
    page = manager.client.get(f"{LIST}/1")
    assert "-Disallow: /old\n+Disallow: /\n+# &lt;b&gt;non&lt;/b&gt;" in page.text and "autre.example" not in page.text
    assert 'href="/agents/robots/2"' in page.text


def test_what_cannot_be_done_is_said_on_the_page(manager: StaffClient) -> None:
    for address, form, message in (
        ("/1/clore", {"raison": ""}, "une raison est attendue"),
        ("/1/commenter", {}, "Un commentaire est attendu"),
        ("/1/confier", {"agent": "personne"}, "Agent inconnu : personne"),
        ("/1/rouvrir", {}, "déjà ouverte"),
    ):
        answer = post(manager, address, **form)
        assert answer.status_code == 409 and message in get_text(answer)
    assert post(manager, "/1/effacer").status_code == 404 and manager.client.get(f"{LIST}/99").status_code == 404


def test_who_only_reads_writes_nothing(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        session.exec(select(Agent).where(Agent.login == "camille")).one().role = Role.READER
    assert "Créer une tâche" not in get_text(manager.client.get(LIST)) and "Que faire" not in get_text(
        manager.client.get(f"{LIST}/1")
    )
    for address in ("", "/1/clore", "/1/confier", "/1/commenter"):
        assert post(manager, address, raison="x", message="x", commentaire="x").status_code == 403


def test_a_database_that_refuses_is_told_without_its_address(manager: StaffClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        with translate_storage_errors(manager.engine):
            raise OperationalError("INSERT", {}, Exception("database is locked"))

    csrf = manager.get_csrf_token()
    monkeypatch.setattr(tasks, "create_task", refuse)
    answer = manager.client.post(LIST, data={"csrf": csrf, "message": "relire"}, headers=SAME_ORIGIN)
    assert answer.status_code == 503 and "Retry-After" in answer.headers
    assert "sqlite" not in answer.text and "ouvoir.db" not in answer.text
