"""Test the links that lead nowhere: listed by service, restored with a reason, by those who may."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from domain.common.enums import LinkFinding, Role, TaskKind
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.link_check import LinkCheck
from domain.monitoring.link_checks import hide_broken_links, record_link_check
from domain.tasks import open_task
from tests.domain.builders import collect_run, link_entry, make_film, make_observation, make_platform, make_rental
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient, get_text

LIST = "/agents/liens"
FIRST_LINK, SECOND_LINK = "https://cine.example/1", "https://cine.example/2"
DAY = timedelta(days=1)


def prepare_links(session: Session) -> None:
    """Store a hidden link of a film, another gone for a day, and one of another service redirected to its home page."""
    platform, other = make_platform(session), make_platform(session, "kiosque")
    session.add(make_film(1, "<b>Playtime</b>", 1967))
    collect_run(session, platform, [make_observation("1", "Playtime", make_rental(url=FIRST_LINK))], NOW - 4 * DAY)
    link_entry(session, session.exec(select(Entry)).one(), session.get_one(Film, 1), NOW - 4 * DAY)
    for days in (2, 1, 0):
        record_link_check(session, get_id(platform), FIRST_LINK, LinkFinding.GONE, 404, NOW - days * DAY)
    hide_broken_links(session, platform, NOW)
    record_link_check(session, get_id(platform), SECOND_LINK, LinkFinding.GONE, 410, NOW)
    record_link_check(session, get_id(other), SECOND_LINK, LinkFinding.GONE, 302, NOW)
    record_link_check(session, get_id(other), FIRST_LINK, LinkFinding.FAULT, 500, NOW)


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    with write_session(sqlite_staff.engine) as session:
        prepare_links(session)
    sqlite_staff.sign_in()
    return sqlite_staff


def post(staff: StaffClient, reason: str, check_id: int = 1) -> TestResponse:
    return staff.client.post(
        f"{LIST}/{check_id}/retablir", data={"csrf": staff.get_csrf_token(), "raison": reason}, headers=SAME_ORIGIN
    )


def test_the_list_tells_film_answer_days_and_state(manager: StaffClient) -> None:
    page = manager.client.get(LIST)
    text = get_text(page)
    assert (
        "<b>Playtime</b> (1967) Cine-Exemple" in text
        and "page absente (404) le 22 novembre 2026 à 14 h 37 3 caché depuis" in text
    )
    assert "page absente (renvoi à l’accueil, 302)" in text and "500" not in text
    assert "Cine-Exemple (1 en attente, 1 caché)" in text and "Kiosque (1 en attente, 0 caché)" in text
    assert text.index("caché depuis") < text.index("encore montré") and f'href="{FIRST_LINK}"' in page.text


def test_the_list_is_narrowed_to_a_service_and_paged(manager: StaffClient) -> None:
    page = get_text(manager.client.get(f"{LIST}?service=kiosque"))
    assert "renvoi à l’accueil" in page and "Playtime" not in page
    with write_session(manager.engine) as session:
        for check_id in range(55):
            record_link_check(session, 2, f"{SECOND_LINK}/{check_id}", LinkFinding.GONE, 404, NOW)
    pages = [manager.client.get(f"{LIST}?service=kiosque&page={check_id}").text for check_id in (1, 2)]
    assert [len(re.findall("encore montré", page)) for page in pages] == [50, 6]


def test_a_link_is_put_back_with_a_reason_and_the_history_tells_it(manager: StaffClient) -> None:
    assert get_text(post(manager, " ")).count("Une raison est attendue") == 1
    assert post(manager, "").status_code == 409 and post(manager, "la page est là").status_code == 303
    with read_session(manager.engine) as session:
        assert session.get_one(LinkCheck, 1).hidden_at is None
    assert "pas caché" in get_text(post(manager, "encore")) and post(manager, "inconnu", 999).status_code == 409
    text = get_text(manager.client.get("/agents/historique"))
    assert "lien rétabli" in text and FIRST_LINK in text and "raison : – → la page est là" in text


def test_who_only_reads_puts_nothing_back(manager: StaffClient) -> None:
    csrf = manager.get_csrf_token()
    with write_session(manager.engine) as session:
        session.exec(select(Agent)).one().role = Role.READER
    assert "Rétablir" not in manager.client.get(LIST).text
    answer = manager.client.post(f"{LIST}/1/retablir", data={"csrf": csrf, "raison": "x"}, headers=SAME_ORIGIN)
    assert answer.status_code == 403


def test_a_service_that_changed_its_addresses_leads_to_its_task(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        open_task(session, 2, TaskKind.LINKS, "12 liens sur 30", NOW)
    assert 'Kiosque : <a href="/agents/taches/1">12 liens' in manager.client.get(LIST).text.replace("&nbsp;", " ")


def test_it_is_behind_the_door_and_says_when_there_is_nothing(sqlite_staff: StaffClient) -> None:
    assert sqlite_staff.client.get(LIST).status_code == 303
    sqlite_staff.sign_in()
    assert "Aucun." in sqlite_staff.client.get(LIST).text
