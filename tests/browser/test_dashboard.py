"""The cockpit in a real browser: a whole morning by keyboard alone."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.accounts.agents import add_agent
from domain.common.enums import Complaint, IssueLevel, RunState, TaskKind
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.platform import Platform
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from domain.models.run import Run
from domain.monitoring.robots_history import record_robots_copy
from domain.runs.runs import add_issue
from domain.runs.validation import RunExpectations
from domain.tasks import add_comment, create_task, open_task
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_doubtful_cases, make_known_film
from tests.webapp.serving import serve_site

PASSWORD = "un mot de passe d’été"


def make_nightly_platform(session: Session) -> Platform:
    platform = make_platform(session)
    platform.every_hours = 24
    platform.night = "01:00-06:00"
    platform.accesses = ["rent"]
    platform.hosts = ["cine.example"]
    return platform


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A morning's work: a late service, a held run, six doubts, a report, a task, a changed robots.txt."""
    now = datetime.now(UTC)
    engine = create_db_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'cockpit.db')}")
    with write_session(engine) as session:
        agent = add_agent(session, "camille", "Camille Martin", PASSWORD, now)
        for number, title in ((1, "Playtime"), (2, "Mon oncle")):
            make_known_film(session, number, title, 1960 + number)
        platform = make_nightly_platform(session)
        first = [make_observation("1", "Playtime", make_rental(299)), make_observation("2", "Trafic", make_rental(299))]
        collect_run(session, platform, first, now - timedelta(days=4))
        make_doubtful_cases(session, [f"Récréation {number}" for number in range(6)], (1, 2), "kiosque")
        second = [make_observation("1", "Playtime", make_rental(399)), make_observation("3", "Parade", make_rental())]
        run = collect_run(session, platform, second, now, RunExpectations(min=9))
        add_issue(session, run.id or 0, IssueLevel.WARNING, "mot inconnu", "format « 4k »", "1")
        session.add(ReaderReport(number="R-222-222", complaint=Complaint.OTHER, received_at=now - timedelta(days=3)))
        session.add(UnfoundTitle(key="dune 3", day=now.date(), count=7))
        for body, days in ((b"User-agent: *\nDisallow: /compte", 9), (b"User-agent: *\nDisallow: /", 0)):
            record_robots_copy(session, platform.id or 0, "cine.example", body, now - timedelta(days=days))
        task = open_task(session, platform.id or 0, TaskKind.ROBOTS, "robots.txt de cine.example a changé", now)
        add_comment(session, task.id or 0, agent, "je regarde", now)
        create_task(session, agent, "relire les conditions", now, slug="cine-exemple")
    yield engine
    engine.dispose()


@pytest.fixture
def page(engine: Engine, browser: Browser) -> Iterator[Page]:
    """An agent who signed in with the keyboard."""
    with serve_site(engine) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/agents/")
        expect(page.get_by_label("Identifiant")).to_be_focused()
        page.keyboard.type("camille")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord")
        yield page


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until the keyboard is on a link, a button or a field of that name."""
    for _ in range(120):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.replaceAll('\\u00a0', ' ')"
        )
        if told.strip().startswith(words):
            return
    raise AssertionError(f"no way to « {words} » by keyboard")


def accept_held(page: Page) -> None:
    tab_to(page, "1 collecte à examiner")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Collectes")
    tab_to(page, "n° 3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ce que l’accepter changerait")).to_be_visible()
    tab_to(page, "Votre raison")
    page.keyboard.type("l’exploitant confirme")
    tab_to(page, "Accepter la collecte")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Acceptée par Camille Martin")).to_be_visible()


def settle_five(page: Page) -> None:
    tab_to(page, "À vérifier")
    page.keyboard.press("Enter")
    expect(page.locator("#touches")).to_be_visible()
    for key in "1a1i1":
        before = page.locator("#cas .case").get_attribute("data-case")
        page.keyboard.press(key)
        expect(page.locator(f'#cas .case:not([data-case="{before}"])')).to_be_visible()
    expect(page.locator("#attente")).to_contain_text("1 doute")


def export_t9(page: Page) -> Download:
    tab_to(page, "Tableaux")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ableaux")
    tab_to(page, "T9")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/couverture/tableaux/t9\\b"))
    tab_to(page, "CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return download.value


def test_a_morning_by_keyboard_alone(page: Page, engine: Engine) -> None:
    accept_held(page)
    settle_five(page)
    table = export_t9(page)
    assert "t9" in table.suggested_filename and "," in Path(table.path()).read_text("utf-8").splitlines()[0]
    with read_session(engine) as session:
        assert session.get_one(Run, 3).state is RunState.ACCEPTED and session.get_one(Run, 3).reason == "l’exploitant confirme"
        assert len([case for case in session.exec(select(ReviewCase)) if case.closed_at]) == 5
        assert session.exec(select(Platform.current_run_id).where(Platform.slug == "cine-exemple")).one() == 3
