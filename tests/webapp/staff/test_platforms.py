"""Services on the desk: the register with its evidence, when each is collected next, and a collection asked for."""

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
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient
from tests.webapp.staff.test_runs import words_of

LIST, ONE = "/agents/services", "/agents/services/cine-exemple"


@pytest.fixture
def desk(light_door: StaffClient) -> StaffClient:
    """A service collected each night, one that took it over, one that is blocked."""
    with write_session(light_door.engine) as session:
        platform = make_platform(session)
        platform.every_hours, platform.night = 24, "01:00-06:00"
        platform.legal_doubt, platform.hosts, platform.accesses = "relire l'article 4", ["cine.example"], ["rent"]
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], NOW - timedelta(hours=30))
        make_platform(session, "suivant").replaces = ["cine-exemple"]
        make_platform(session, "bloque").blocked = "accord à signer"
    light_door.sign_in()
    return light_door


def post(door: StaffClient, verb: str) -> TestResponse:
    return door.client.post(f"{ONE}/{verb}", data={"csrf": door.get_csrf_token()}, headers=SAME_ORIGIN)


def change(door: StaffClient, **facts: object) -> None:
    with write_session(door.engine) as session:
        session.exec(select(Platform).where(Platform.slug == "cine-exemple")).one().sqlmodel_update(facts)


def test_the_whole_register_is_listed_with_what_stands_in_the_way(desk: StaffClient) -> None:
    words = words_of(desk.client.get(LIST))
    assert "3 services au registre" in words and "Bloque ouvert lecture libre aucune Accord à signer" in words
    assert "Cine-Exemple ouvert lecture libre avec un doute il y a 30 heures rien" in words


def test_a_service_is_told_with_its_evidence_its_life_and_its_runs(desk: StaffClient) -> None:
    words = words_of(desk.client.get(ONE))
    for told in (
        "Exploitant Exemple SA (FR)", "Accès location", "Preuve un exemple", "Lue le 22 novembre 2026",
        "Doute relire l’article 4",
        "Remplacé par Suivant", "Sites des liens cine.example", "n° 1 montrée au public",
        "Prévue à partir du 23 novembre 2026 à 1 h 00, dans sa plage de 01 h 00 à 06 h 00", "1 sans film",
    ):  # fmt: skip
        assert told in words, told
    assert "Prend la suite de Cine-Exemple" in words_of(desk.client.get(f"{LIST}/suivant"))
    assert desk.client.get(f"{LIST}/nulle-part").status_code == 404


def test_a_collection_is_asked_for_told_and_taken_back(desk: StaffClient) -> None:
    assert post(desk, "collecter").location == ONE
    words = words_of(desk.client.get(ONE))
    assert "Demandée par Camille Martin le 22 novembre 2026 à 14 h 37 : prévue à partir du 23 novembre 2026 à 1 h 00" in words
    assert post(desk, "collecter").status_code == 409
    assert post(desk, "renoncer").status_code == 303 and post(desk, "renoncer").status_code == 409
    assert [line.action for line in desk.list_audit_events()] == ["sign-in", "run-wanted", "run-unwanted"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"blocked": "accord à signer"}, "accord à signer"),
        ({"status": PlatformStatus.CLOSED}, "le service est fermé"),
        ({"every_hours": None}, "son éditeur qui nous envoie son catalogue"),
    ],
)
def test_a_service_that_is_not_collected_says_why_and_takes_no_wish(
    desk: StaffClient, facts: dict[str, object], said: str
) -> None:
    change(desk, **facts)
    words = words_of(desk.client.get(ONE))
    assert "Aucune : " in words and said in words and "Collecter dès que possible" not in words
    refused = post(desk, "collecter")
    assert refused.status_code == 409 and said in words_of(refused)


def test_a_paused_service_leads_to_its_task(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        open_task(session, 1, TaskKind.ROBOTS, "robots.txt de cine.example a changé", NOW)
    page = desk.client.get(ONE)
    assert "son robots.txt a changé, un agent doit le relire" in words_of(page) and 'href="/agents/taches/1"' in page.text


def test_who_only_reads_asks_for_nothing(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        session.exec(select(Agent)).one().role = Role.READER
    assert "Collecter dès que possible" not in words_of(desk.client.get(ONE)) and post(desk, "collecter").status_code == 403
    with read_session(desk.engine) as session:
        assert session.get_one(Platform, 1).requested_at is None
