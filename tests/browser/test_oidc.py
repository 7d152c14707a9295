"""ProConnect in a real browser, where the two sites are two origins: in by the page asked for, out of both; axe."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from sqlmodel import select

from domain.accounts.agents import find_agent
from domain.accounts.allow_list import invite_agent
from domain.common.enums import Role
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.agent import AgentSession
from tests.browser.test_accessibility import findings
from tests.webapp.serving import serve_site
from tests.webapp.staff.identity_provider import EMAIL, ENVIRONMENT, run_real_provider

PROCONNECT = "S’identifier avec ProConnect"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_real_provider() as address:
        yield address


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An administrator who is expected, without password."""
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    for name, value in (ENVIRONMENT | {"OUVOIR_OIDC_ISSUER": provider}).items():
        monkeypatch.setenv(name, value)
    engine = create_db_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'desk.db')}")
    with write_session(engine) as session:
        invite_agent(session, EMAIL, "Camille Martin", Role.ADMIN, datetime.now(UTC))
    yield engine
    engine.dispose()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, desk: Engine) -> Iterator[Page]:
    """The site under another name than the provider's, or cookies would pass from one to the other as if at home."""
    with serve_site(desk) as address:
        context = browser.new_context(base_url=address.replace("127.0.0.1", "localhost"), java_script_enabled=request.param)
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        yield opened
        context.close()


def identify(page: Page, email: str = EMAIL) -> None:
    page.get_by_role("link", name=PROCONNECT).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fournisseur de test")
    page.get_by_label("email").fill(email)
    page.get_by_role("button", name="Continuer").click()


def test_in_by_the_page_asked_for_and_out_of_both(page: Page, desk: Engine) -> None:
    page.goto("/agents/historique?moi=1")
    identify(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Historique")
    assert page.url.endswith("/agents/historique?moi=1") and page.get_by_text("Camille Martin").first.is_visible()
    kept = {cookie["name"]: cookie for cookie in page.context.cookies() if cookie["name"].startswith("ouvoir")}
    assert set(kept) == {"ouvoir_agent"} and kept["ouvoir_agent"]["sameSite"] == "Strict"
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("link", name=PROCONNECT)).to_be_visible()
    with read_session(desk) as session:
        assert all(one.ended_at for one in session.exec(select(AgentSession)))
    page.goto("/agents/historique")
    page.get_by_role("link", name=PROCONNECT).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fournisseur de test")


def test_who_is_not_expected_reads_whom_to_ask_and_may_come_under_another_name(page: Page) -> None:
    page.goto("/agents/")
    identify(page, "quelqu.un@exemple.fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion refusée")
    expect(page.get_by_role("main").get_by_role("link", name="Contact")).to_be_visible()
    page.get_by_role("link", name="Fermer votre session").click()
    page.get_by_role("button", name="Confirmer").click()
    identify(page)
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


@pytest.mark.parametrize("page", [True], indirect=True)
def test_axe_finds_nothing_on_the_door_nor_on_the_accounts(page: Page, desk: Engine) -> None:
    page.goto("/agents/")
    assert findings(page) == []
    identify(page, "quelqu.un@exemple.fr")
    assert findings(page) == []
    page.context.clear_cookies()
    page.goto("/agents/comptes")
    identify(page)
    with read_session(desk) as session:
        number = find_agent(session, "camille.martin").id
    for address in ("/agents/comptes", f"/agents/comptes/{number}"):
        page.goto(address)
        expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
