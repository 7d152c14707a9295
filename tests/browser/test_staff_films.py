"""A film's pages for agents in a real browser, by keyboard."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.accounts.agents import add_agent
from domain.db.engine import create_db_engine, write_session
from tests.scene import build_scene
from tests.webapp.serving import serve_site

PASSWORD = "un mot de passe d’été"


@pytest.fixture
def page(browser: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[Page]:
    """A manager, signed in, over the scene."""
    engine, now = create_db_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'films.db')}"), datetime.now(UTC)
    build_scene(engine, now)
    with write_session(engine) as session:
        add_agent(session, "camille", "Camille", PASSWORD, now)
    with serve_site(engine) as address:
        context = browser.new_context(base_url=address)
        entered = context.new_page()
        entered.goto("/agents/films")
        expect(entered.get_by_label("Identifiant")).to_be_focused()
        entered.keyboard.type("camille")
        entered.keyboard.press("Tab")
        entered.keyboard.type(PASSWORD)
        entered.keyboard.press("Enter")
        expect(entered.get_by_role("heading", level=1)).to_have_text("Films")
        yield entered
        context.close()
    engine.dispose()


def test_a_fact_is_corrected_and_the_act_taken_back_by_keyboard(page: Page) -> None:
    page.goto("/agents/films/1/corriger")
    page.get_by_label("Année").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1965")
    page.locator("#motif-faits").focus()
    page.keyboard.type("vu au générique")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("(1965)")
    page.get_by_role("button", name="Annuler cet acte").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("(1966)")
