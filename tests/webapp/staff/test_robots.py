"""Test the copies of robots.txt: by host, with what changed, leading to the task that waits."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from domain.common.enums import TaskKind
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.monitoring.robots_history import MAX_COMPARED_LINES, record_robots_copy
from domain.tasks import open_task
from tests.domain.builders import make_platform
from tests.webapp.staff.conftest import NOW, StaffClient, get_text

LIST = "/agents/robots"
DAY = timedelta(days=1)
OLD, NEW = b"User-agent: *\nDisallow: /compte\n", b"User-agent: *\nDisallow: /compte\nDisallow: /<script>\n"


def prepare_copies(session: Session) -> None:
    """Store a host that changed and waits for an agent, and one that never did."""
    quiet, changed = make_platform(session, "calme"), make_platform(session, "zele")
    record_robots_copy(session, get_id(quiet), "calme.example", b"", NOW - 3 * DAY)
    for days, body in ((40, OLD), (2, NEW)):
        record_robots_copy(session, get_id(changed), "zele.example", body, NOW - days * DAY)
    open_task(session, get_id(changed), TaskKind.ROBOTS, "robots.txt de zele.example a changé", NOW)


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    with write_session(sqlite_staff.engine) as session:
        prepare_copies(session)
    sqlite_staff.sign_in()
    return sqlite_staff


def test_hosts_come_with_their_copies_those_that_wait_first(manager: StaffClient) -> None:
    page = manager.client.get(LIST)
    text = get_text(page)
    assert text.index("zele.example Zele") < text.index("calme.example Calme")
    assert "copie du 20 novembre 2026 à 14 h 37 (changement)" in text and "copie du 13 octobre 2026" in text
    assert 'href="/agents/taches/1"' in page.text and 'href="/agents/robots/3"' in page.text


def test_a_copy_shows_what_it_changed_and_leads_to_its_task(manager: StaffClient) -> None:
    page = manager.client.get(f"{LIST}/3").text
    assert "+Disallow: /&lt;script&gt;" in page and " Disallow: /compte" in page and 'href="/agents/robots/2"' in page
    assert 'href="/agents/taches/1"' in page


def test_a_first_copy_is_shown_whole_and_an_empty_one_says_so(manager: StaffClient) -> None:
    assert "Disallow: /compte" in manager.client.get(f"{LIST}/2").text
    assert "rien n’y est interdit" in manager.client.get(f"{LIST}/1").text


def test_a_copy_without_end_is_compared_in_its_beginning_and_the_page_says_so(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        record_robots_copy(session, 2, "zele.example", NEW + b"Disallow: /a\n" * 2 * MAX_COMPARED_LINES, NOW)
    assert "1 000 premières lignes" in get_text(manager.client.get(f"{LIST}/4"))


def test_only_agents_enter_and_what_is_unknown_is_not_found(sqlite_staff: StaffClient) -> None:
    assert sqlite_staff.client.get(LIST).status_code == sqlite_staff.client.get(f"{LIST}/1").status_code == 303
    sqlite_staff.sign_in()
    assert sqlite_staff.client.get(f"{LIST}/1").status_code == 404
    assert "Aucune copie" in sqlite_staff.client.get(LIST).text
