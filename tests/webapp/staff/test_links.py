"""Links that lead nowhere, on the desk: listed by service, put back with a reason, by those who may."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from domain.common.enums import LinkFinding, Role, TaskKind
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.link_check import LinkCheck
from domain.monitoring.link_checks import hide_broken_links, record_link_check
from domain.tasks import open_task
from tests.domain.builders import collect_run, link_entry, make_film, make_observation, make_platform, make_rental
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient
from tests.webapp.staff.test_runs import words_of

LIST = "/agents/liens"
ONE, TWO = "https://cine.example/1", "https://cine.example/2"
DAY = timedelta(days=1)


def prepare(session: Session) -> None:
    """A hidden link of a film, another gone since a day, and one of another service sent home."""
    platform, other = make_platform(session), make_platform(session, "kiosque")
    session.add(make_film(1, "<b>Playtime</b>", 1967))
    collect_run(session, platform, [make_observation("1", "Playtime", make_rental(url=ONE))], NOW - 4 * DAY)
    link_entry(session, session.exec(select(Entry)).one(), session.get_one(Film, 1), NOW - 4 * DAY)
    for days in (2, 1, 0):
        record_link_check(session, platform.id or 0, ONE, LinkFinding.GONE, 404, NOW - days * DAY)
    hide_broken_links(session, platform, NOW)
    record_link_check(session, platform.id or 0, TWO, LinkFinding.GONE, 410, NOW)
    record_link_check(session, other.id or 0, TWO, LinkFinding.GONE, 302, NOW)
    record_link_check(session, other.id or 0, ONE, LinkFinding.FAULT, 500, NOW)


@pytest.fixture
def desk(light_door: StaffClient) -> StaffClient:
    with write_session(light_door.engine) as session:
        prepare(session)
    light_door.sign_in()
    return light_door


def post(door: StaffClient, reason: str, number: int = 1) -> TestResponse:
    return door.client.post(
        f"{LIST}/{number}/retablir", data={"csrf": door.get_csrf_token(), "raison": reason}, headers=SAME_ORIGIN
    )


def test_the_list_tells_film_answer_days_and_state(desk: StaffClient) -> None:
    page = desk.client.get(LIST)
    told = words_of(page)
    assert (
        "<b>Playtime</b> (1967) Cine-Exemple" in told
        and "page absente (404) le 22 novembre 2026 à 14 h 37 3 caché depuis" in told
    )
    assert "page absente (renvoi à l’accueil, 302)" in told and "500" not in told
    assert "Cine-Exemple (1 en attente, 1 caché)" in told and "Kiosque (1 en attente, 0 caché)" in told
    assert told.index("caché depuis") < told.index("encore montré") and f'href="{ONE}"' in page.text


def test_the_list_is_narrowed_to_a_service_and_paged(desk: StaffClient) -> None:
    page = words_of(desk.client.get(f"{LIST}?service=kiosque"))
    assert "renvoi à l’accueil" in page and "Playtime" not in page
    with write_session(desk.engine) as session:
        for number in range(55):
            record_link_check(session, 2, f"{TWO}/{number}", LinkFinding.GONE, 404, NOW)
    pages = [desk.client.get(f"{LIST}?service=kiosque&page={number}").text for number in (1, 2)]
    assert [len(re.findall("encore montré", page)) for page in pages] == [50, 6]


def test_a_link_is_put_back_with_a_reason_and_the_history_tells_it(desk: StaffClient) -> None:
    assert words_of(post(desk, " ")).count("Une raison est attendue") == 1
    assert post(desk, "").status_code == 409 and post(desk, "la page est là").status_code == 303
    with read_session(desk.engine) as session:
        assert session.get_one(LinkCheck, 1).hidden_at is None
    assert "pas caché" in words_of(post(desk, "encore")) and post(desk, "inconnu", 999).status_code == 409
    told = words_of(desk.client.get("/agents/historique"))
    assert "lien rétabli" in told and ONE in told and "raison : – → la page est là" in told


def test_who_only_reads_puts_nothing_back(desk: StaffClient) -> None:
    csrf = desk.get_csrf_token()
    with write_session(desk.engine) as session:
        session.exec(select(Agent)).one().role = Role.READER
    assert "Rétablir" not in desk.client.get(LIST).text
    answer = desk.client.post(f"{LIST}/1/retablir", data={"csrf": csrf, "raison": "x"}, headers=SAME_ORIGIN)
    assert answer.status_code == 403


def test_a_service_that_changed_its_addresses_leads_to_its_task(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        open_task(session, 2, TaskKind.LINKS, "12 liens sur 30", NOW)
    assert 'Kiosque : <a href="/agents/taches/1">12 liens' in desk.client.get(LIST).text.replace("&nbsp;", " ")


def test_it_is_behind_the_door_and_says_when_there_is_nothing(light_door: StaffClient) -> None:
    assert light_door.client.get(LIST).status_code == 303
    light_door.sign_in()
    assert "Aucun." in light_door.client.get(LIST).text
