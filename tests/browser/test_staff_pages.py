"""Every kind of page of the desk before axe, light and dark, narrow and wide; nothing overflows."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.db.engine import create_db_engine
from tests.browser.test_accessibility import findings
from tests.webapp.serving import serve_site
from tests.webapp.staff.every_page import ADDRESSES, LOGIN, PASSWORD, fill_staff_site


@pytest.fixture(scope="module")
def page(browser: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """An administrator, signed in, over the whole desk."""
    engine = create_db_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('desk') / 'desk.db')}")
    fill_staff_site(engine, datetime.now(UTC))
    with serve_site(engine) as address, browser.new_context(base_url=address) as context:
        entered = context.new_page()
        entered.goto("/agents/connexion")
        assert findings(entered) == []
        entered.get_by_label("Identifiant").fill(LOGIN)
        entered.get_by_label("Mot de passe").fill(PASSWORD)
        entered.get_by_role("button", name="Se connecter").click()
        expect(entered.get_by_role("heading", level=1)).to_have_text("Tableau de bord")
        yield entered
    engine.dispose()


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_and_nothing_overflows(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach(details => { details.open = true; })")
    assert findings(page) == []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
