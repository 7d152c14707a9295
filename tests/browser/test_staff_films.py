"""A film's pages for agents in a real browser: by keyboard, with axe, at any width."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from records.agents import add_agent
from records.database import connect, writing
from tests.webapp.scene import build_scene
from tests.webapp.serving import serving

PASSWORD = "un mot de passe d’été"
ADDRESSES = ("/agents/films?q=dune", "/agents/films/1", "/agents/films/1/corriger", "/agents/films/1/separer")


@pytest.fixture
def page(browser: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[Page]:
    """A manager, signed in, over the scene."""
    engine, now = connect(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'films.db')}"), datetime.now(UTC)
    build_scene(engine, now)
    with writing(engine) as session:
        add_agent(session, "camille", "Camille", PASSWORD, now)
    with serving(engine) as address:
        context = browser.new_context(base_url=address)
        entered = context.new_page()
        entered.goto("/agents/films")
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


@pytest.mark.parametrize("address", [*ADDRESSES, "/agents/films/3/reunir?q=dune&avec=4&reste=4"])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, address: str) -> None:
    page.goto(address)
    for scheme, width in (("light", 320), ("dark", 1280)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == [], (scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
