"""Test the dashboard: what waits, the most urgent first, and how each collection is; each row leads to where it is settled."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from domain.common.enums import Complaint, LegalBasis, LinkFinding, Role, TaskKind
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.film import Film
from domain.models.link_check import LinkCheck
from domain.models.platform import Platform
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.runs.validation import RunExpectations
from domain.tasks import create_task, open_task
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_doubtful_cases, make_known_film
from tests.webapp.staff.conftest import HOME, NOW, StaffClient, get_text

HOUR, ALWAYS = timedelta(hours=1), RunExpectations(max_drop=1)


def list_rows(answer: TestResponse, heading: str) -> list[str]:
    """Return the rows of a table of the page, as they are read."""
    section = answer.text.split(f'<h2 id="{heading}">')[1].split("</section>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.S)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).replace("\N{NO-BREAK SPACE}", " ").split()) for row in rows]


def make_daily_platform(session: Session, slug: str) -> Platform:
    platform = make_platform(session, slug, LegalBasis.CONTRACT)
    platform.every_hours = 24
    return platform


@pytest.fixture
def busy_staff(sqlite_staff: StaffClient) -> StaffClient:
    """Store four services (late, never collected, held, fine), doubts, reports, tasks, a title nobody finds."""
    with write_session(sqlite_staff.engine) as session:
        make_known_film(session, 1, "Playtime", 1967, 80)
        make_known_film(session, 2, "Mon oncle", 1958, 80)
        late, fine, held = (
            make_daily_platform(session, "tardif"),
            make_daily_platform(session, "alerte"),
            make_daily_platform(session, "retenu"),
        )
        make_daily_platform(session, "jamais")
        observations = [
            make_observation(str(number), f"Film {number}", make_rental(url=f"https://c.example/{number}")) for number in range(8)
        ]
        collect_run(session, late, observations, NOW - 49 * HOUR)
        collect_run(session, fine, observations, NOW - 30 * HOUR, ALWAYS)
        collect_run(session, fine, observations[:5], NOW - 6 * HOUR, ALWAYS)
        collect_run(session, held, observations, NOW - 30 * HOUR)
        collect_run(session, held, observations[:1], NOW - 6 * HOUR)
        make_doubtful_cases(session, ["Récréation", "Les vacances"])
        session.add(ReaderReport(number="R-222-222", complaint=Complaint.OTHER, received_at=NOW - 5 * 24 * HOUR))
        session.add(UnfoundTitle(key="dune 3", day=NOW.date(), count=7))
        open_task(session, get_id(fine), TaskKind.ROBOTS, "robots.txt de c.example a changé", NOW - 3 * HOUR)
    sqlite_staff.sign_in()
    return sqlite_staff


def test_the_worst_service_comes_first_with_its_last_run_and_what_changed(busy_staff: StaffClient) -> None:
    rows = list_rows(busy_staff.client.get(HOME), "services")
    assert rows[1:5] == [
        "Tardif ▲ en retard il y a 2 jours 8 0",
        "Jamais ○ jamais collecté aucune 0",
        "Retenu ■ collecte à examiner il y a 30 heures 8 1 à examiner chez Retenu",
        "Cine-Exemple – pas de rythme attendu il y a 1 heure 2 0",
    ]
    assert rows[5] == "Alerte ● à jour il y a 6 heures 5 −3 0"


def test_what_waits_is_told_in_the_order_of_urgency_with_its_age_and_its_page(busy_staff: StaffClient) -> None:
    page = busy_staff.client.get(HOME)
    assert list_rows(page, "attente")[1:] == [
        "1 service en retard la plus ancienne collecte a 2 jours",
        "1 collecte à examiner rien n’en est montré",
        "1 robots.txt à relire la plus ancienne attend depuis 3 heures",
        "1 signalement de lecteur le plus ancien attend depuis 5 jours",
        "2 doutes à vérifier",
    ]
    for address in re.findall(r'<th scope="row"><a href="(/agents/[^"]+)"', page.text):
        assert busy_staff.client.get(unescape(address)).status_code == 200, address


def test_ones_own_tasks_come_first(busy_staff: StaffClient) -> None:
    with write_session(busy_staff.engine) as session:
        agent = session.exec(select(Agent)).one()
        create_task(session, agent, "appeler l'exploitant", NOW).assigned_to = agent.id
    rows = list_rows(busy_staff.client.get(HOME), "taches")
    assert rows[1] == "Appeler l’exploitant demande à vous moins d’une heure" and rows[2].startswith("robots.txt de c.example")


def test_titles_nobody_finds_and_the_error_rate_stand_there(busy_staff: StaffClient) -> None:
    words = get_text(busy_staff.client.get(HOME))
    assert "dune 3 7" in words and "pas encore mesuré" in words and "2 tâches ouvertes" not in words


def test_broken_links_and_windows_that_open_this_week_stand_there(busy_staff: StaffClient) -> None:
    with write_session(busy_staff.engine) as session:
        for number, hidden in ((1, None), (2, NOW)):
            broken: dict[str, Any] = {
                "url": f"https://c.example/{number}",
                "checked_at": NOW,
                "finding": LinkFinding.GONE,
                "gone_days": 3,
            }
            session.add(LinkCheck(platform_id=1, hidden_at=hidden, **broken))
        session.get_one(Film, 2).sqlmodel_update({"year": 2026, "release_date": date(2026, 7, 25)})
    page = busy_staff.client.get(HOME)
    assert "2 liens rompus 1 lien caché avec ses offres" in list_rows(page, "attente")
    assert list_rows(page, "fenetres")[1:] == ["25 novembre 2026 Location et achat Mon oncle"]


def test_a_reader_sees_all_and_is_led_nowhere_they_may_not_go(busy_staff: StaffClient) -> None:
    with write_session(busy_staff.engine) as session:
        session.exec(select(Agent)).one().role = Role.READER
    page = busy_staff.client.get(HOME)
    assert page.status_code == 200 and "2 doutes" in get_text(page) and "/agents/a-verifier" not in page.text


def test_with_nothing_at_all_the_page_says_so(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    words = get_text(sqlite_staff.client.get(HOME))
    assert "Rien n’attend." in words and "Aucun service n’est collecté." in words
