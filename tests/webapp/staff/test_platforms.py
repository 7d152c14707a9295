"""Test the pages of services: the register with its evidence, when each is collected next, and a run asked for."""

from datetime import timedelta

import pytest
from sqlmodel import select
from werkzeug.test import TestResponse

from domain.common.enums import PlatformStatus, Role, TaskKind
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.tasks import open_task
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient, get_text

LIST, PLATFORM_URL = "/agents/services", "/agents/services/cine-exemple"


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    """Store a service collected each night, one that took it over, one that is blocked."""
    with write_session(sqlite_staff.engine) as session:
        platform = make_platform(session)
        platform.every_hours, platform.night = 24, "01:00-06:00"
        platform.legal_doubt, platform.hosts, platform.accesses = "relire l'article 4", ["cine.example"], ["rent"]
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], NOW - timedelta(hours=30))
        make_platform(session, "suivant").replaces = ["cine-exemple"]
        make_platform(session, "bloque").blocked = "accord à signer"
    sqlite_staff.sign_in()
    return sqlite_staff


def post(staff: StaffClient, verb: str) -> TestResponse:
    return staff.client.post(f"{PLATFORM_URL}/{verb}", data={"csrf": staff.get_csrf_token()}, headers=SAME_ORIGIN)


def update_platform(staff: StaffClient, **facts: object) -> None:
    with write_session(staff.engine) as session:
        session.exec(select(Platform).where(Platform.slug == "cine-exemple")).one().sqlmodel_update(facts)


def test_the_whole_register_is_listed_with_what_stands_in_the_way(manager: StaffClient) -> None:
    words = get_text(manager.client.get(LIST))
    assert "3 services au registre" in words and "Bloque ouvert lecture libre aucune Accord à signer" in words
    assert "Cine-Exemple ouvert lecture libre avec un doute il y a 30 heures rien" in words


def test_a_service_is_told_with_its_evidence_its_life_and_its_runs(manager: StaffClient) -> None:
    words = get_text(manager.client.get(PLATFORM_URL))
    for expected in (
        "Exploitant Exemple SA (FR)", "Accès location", "Preuve un exemple", "Lue le 22 novembre 2026",
        "Doute relire l’article 4",
        "Remplacé par Suivant", "Sites des liens cine.example", "n° 1 montrée au public",
        "Prévue à partir du 23 novembre 2026 à 1 h 00, dans sa plage de 01 h 00 à 06 h 00", "1 sans film",
    ):  # fmt: skip
        assert expected in words, expected
    assert "Prend la suite de Cine-Exemple" in get_text(manager.client.get(f"{LIST}/suivant"))
    assert manager.client.get(f"{LIST}/nulle-part").status_code == 404


def test_a_collection_is_asked_for_told_and_taken_back(manager: StaffClient) -> None:
    assert post(manager, "collecter").location == PLATFORM_URL
    words = get_text(manager.client.get(PLATFORM_URL))
    assert "Demandée par Camille Martin le 22 novembre 2026 à 14 h 37 : prévue à partir du 23 novembre 2026 à 1 h 00" in words
    assert post(manager, "collecter").status_code == 409
    assert post(manager, "renoncer").status_code == 303 and post(manager, "renoncer").status_code == 409
    assert [event.action for event in manager.list_audit_events()] == ["sign-in", "run-wanted", "run-unwanted"]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"blocked": "accord à signer"}, "accord à signer"),
        ({"status": PlatformStatus.CLOSED}, "le service est fermé"),
        ({"every_hours": None}, "son éditeur qui nous envoie son catalogue"),
    ],
)
def test_a_service_that_is_not_collected_says_why_and_takes_no_wish(
    manager: StaffClient, facts: dict[str, object], message: str
) -> None:
    update_platform(manager, **facts)
    words = get_text(manager.client.get(PLATFORM_URL))
    assert "Aucune : " in words and message in words and "Collecter dès que possible" not in words
    refused = post(manager, "collecter")
    assert refused.status_code == 409 and message in get_text(refused)


def test_a_paused_service_leads_to_its_task(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        open_task(session, 1, TaskKind.ROBOTS, "robots.txt de cine.example a changé", NOW)
    page = manager.client.get(PLATFORM_URL)
    assert "son robots.txt a changé, un agent doit le relire" in get_text(page) and 'href="/agents/taches/1"' in page.text


def test_who_only_reads_asks_for_nothing(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        session.exec(select(Agent)).one().role = Role.READER
    assert (
        "Collecter dès que possible" not in get_text(manager.client.get(PLATFORM_URL))
        and post(manager, "collecter").status_code == 403
    )
    with read_session(manager.engine) as session:
        assert session.get_one(Platform, 1).requested_at is None
