"""The copies of robots.txt on the desk: by host, with what changed, leading to the task that waits."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from domain.common.enums import TaskKind
from domain.db.engine import write_session
from domain.monitoring.robots_history import MAX_COMPARED_LINES, record_robots_copy
from domain.tasks import open_task
from tests.domain.builders import make_platform
from tests.webapp.staff.conftest import NOW, StaffClient
from tests.webapp.staff.test_runs import words_of

LIST = "/agents/robots"
DAY = timedelta(days=1)
OLD, NEW = b"User-agent: *\nDisallow: /compte\n", b"User-agent: *\nDisallow: /compte\nDisallow: /<script>\n"


def prepare(session: Session) -> None:
    """A host that changed and waits for an agent, and one that never did."""
    quiet, changed = make_platform(session, "calme"), make_platform(session, "zele")
    record_robots_copy(session, quiet.id or 0, "calme.example", b"", NOW - 3 * DAY)
    for days, body in ((40, OLD), (2, NEW)):
        record_robots_copy(session, changed.id or 0, "zele.example", body, NOW - days * DAY)
    open_task(session, changed.id or 0, TaskKind.ROBOTS, "robots.txt de zele.example a changé", NOW)


@pytest.fixture
def desk(light_door: StaffClient) -> StaffClient:
    with write_session(light_door.engine) as session:
        prepare(session)
    light_door.sign_in()
    return light_door


def test_hosts_come_with_their_copies_those_that_wait_first(desk: StaffClient) -> None:
    page = desk.client.get(LIST)
    told = words_of(page)
    assert told.index("zele.example Zele") < told.index("calme.example Calme")
    assert "copie du 20 novembre 2026 à 14 h 37 (changement)" in told and "copie du 13 octobre 2026" in told
    assert 'href="/agents/taches/1"' in page.text and 'href="/agents/robots/3"' in page.text


def test_a_copy_shows_what_it_changed_and_leads_to_its_task(desk: StaffClient) -> None:
    page = desk.client.get(f"{LIST}/3").text
    assert "+Disallow: /&lt;script&gt;" in page and " Disallow: /compte" in page and 'href="/agents/robots/2"' in page
    assert 'href="/agents/taches/1"' in page


def test_a_first_copy_is_shown_whole_and_an_empty_one_says_so(desk: StaffClient) -> None:
    assert "Disallow: /compte" in desk.client.get(f"{LIST}/2").text
    assert "rien n’y est interdit" in desk.client.get(f"{LIST}/1").text


def test_a_copy_without_end_is_compared_in_its_beginning_and_the_page_says_so(desk: StaffClient) -> None:
    with write_session(desk.engine) as session:
        record_robots_copy(session, 2, "zele.example", NEW + b"Disallow: /a\n" * 2 * MAX_COMPARED_LINES, NOW)
    assert "1 000 premières lignes" in words_of(desk.client.get(f"{LIST}/4"))


def test_only_agents_enter_and_what_is_unknown_is_not_found(light_door: StaffClient) -> None:
    assert light_door.client.get(LIST).status_code == light_door.client.get(f"{LIST}/1").status_code == 303
    light_door.sign_in()
    assert light_door.client.get(f"{LIST}/1").status_code == 404
    assert "Aucune copie" in light_door.client.get(LIST).text
