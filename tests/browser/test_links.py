"""Test broken links in a real browser: one is restored by keyboard."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.accounts.agents import add_agent
from domain.db.engine import create_db_engine, write_session
from tests.webapp.serving import serve_site
from tests.webapp.staff import test_links, test_robots

PASSWORD = "un mot de passe d’été"


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """A page of an agent who is signed in, on a desk with broken links and copies of robots.txt."""
    engine = create_db_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'desk.db')}")
    with write_session(engine) as session:
        test_links.prepare_links(session)
        test_robots.prepare_copies(session)
        add_agent(session, "camille", "Camille", PASSWORD, datetime.now(UTC))
    with serve_site(engine) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/agents/liens")
        page.get_by_label("Identifiant").fill("camille")
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Liens rompus")
        yield page
    engine.dispose()


def test_a_link_is_put_back_by_keyboard(desk: Page) -> None:
    desk.locator("summary").focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("la page est là")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("caché depuis")).to_have_count(0)
