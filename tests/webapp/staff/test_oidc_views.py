"""Test signing in by ProConnect with a real OpenID Connect provider: from end to end, and who is refused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select
from werkzeug.test import TestResponse

from domain.accounts.allow_list import invite_agent, set_agent_identity
from domain.accounts.roles import disable_agent
from domain.common.enums import Role
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent, AgentSession, AuditLine
from tests.webapp.staff.conftest import SAME_ORIGIN, SIGN_IN, SIGN_OUT
from tests.webapp.staff.identity_provider import EMAIL, ENVIRONMENT, SIRET, authenticate, run_real_provider
from tests.webapp.test_html import errors
from webapp.app import create_app

LEAVE, BACK, HISTORY = "/agents/connexion/proconnect", "/agents/connexion/retour", "/agents/historique"


class Returning:
    """Represent an agent's browser, and the database behind the site."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.client = engine, create_app(engine).test_client()
        with write_session(engine) as session:
            self.id = invite_agent(session, EMAIL, "Camille Martin", Role.MANAGER, datetime.now(UTC), SIRET).id

    def leave(self, next_url: str = "") -> str:
        answer = self.client.get(LEAVE, query_string={"suite": next_url} if next_url else {})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def come_back(self, next_url: str = "", **typed: str) -> TestResponse:
        return self.client.get(authenticate(self.leave(next_url), **typed))

    def is_signed_in(self, client: FlaskClient | None = None) -> bool:
        return (client or self.client).get(HISTORY).status_code == 200

    def get_agent(self) -> Agent:
        with read_session(self.engine) as session:
            return session.get_one(Agent, self.id)

    def list_trail(self) -> list[tuple[str, str]]:
        with read_session(self.engine) as session:
            events = session.exec(select(AuditLine).order_by(col(AuditLine.id))).all()
        return [(event.action, event.detail.get("reason", "")) for event in events if event.detail.get("by") == "proconnect"]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_real_provider() as address:
        yield address


@pytest.fixture
def browser(sqlite_engine: Engine, provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Returning:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    for name, value in (ENVIRONMENT | {"OUVOIR_OIDC_ISSUER": provider}).items():
        monkeypatch.setenv(name, value)
    return Returning(sqlite_engine)


def test_an_agent_goes_there_comes_back_works_and_leaves_both(browser: Returning) -> None:
    response = browser.come_back(HISTORY)
    assert response.status_code == 200 and f'content="0; url={HISTORY}"' in response.text and f'href="{HISTORY}"' in response.text
    cookies = "\n".join(response.headers.getlist("Set-Cookie"))
    assert "ouvoir_agent=" in cookies and "SameSite=Strict" in cookies and "ouvoir_proconnect=;" in cookies
    page = browser.client.get(HISTORY).text
    assert "Camille Martin" in page and browser.get_agent().subject == "fournisseur-1|sujet-1"
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    response = browser.client.post(SIGN_OUT, data={"csrf": csrf}, headers=SAME_ORIGIN)
    logout_url = response.text.partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
    params = parse_qs(urlsplit(logout_url).query)
    assert params["post_logout_redirect_uri"] == [f"http://localhost{SIGN_IN}"] and len(params["state"][0]) >= 32
    assert params["id_token_hint"][0].count(".") == 2 and not browser.is_signed_in()
    with read_session(browser.engine) as session:
        assert [agent_session.id_token for agent_session in session.exec(select(AgentSession))] == [None], "nothing of it is kept"
    assert browser.list_trail() == [("sign-in", "")]


def test_it_asks_for_what_proconnect_takes_and_nothing_else(browser: Returning) -> None:
    params = parse_qs(urlsplit(browser.leave()).query)
    assert set(params) == {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims"}
    assert (
        len(params["state"][0]) >= 32 and len(params["nonce"][0]) >= 32 and params["redirect_uri"] == [f"http://localhost{BACK}"]
    )
    acr = json.loads(params["claims"][0])["id_token"]["acr"]
    assert acr == {"essential": True, "values": ["eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3"]}
    again = parse_qs(urlsplit(browser.leave()).query)
    assert again["state"] != params["state"] and again["nonce"] != params["nonce"]


def test_what_is_kept_meanwhile_is_for_the_return_alone(browser: Returning) -> None:
    set_cookie = browser.client.get(LEAVE).headers["Set-Cookie"]
    flags = {part.strip() for part in set_cookie.split(";")[1:]}
    assert {"HttpOnly", f"Path={BACK}", "SameSite=Lax", "Max-Age=600"} <= flags and "Secure" not in flags


def test_the_form_offers_proconnect_first_and_local_accounts_below(browser: Returning) -> None:
    page = browser.client.get(SIGN_IN, query_string={"suite": HISTORY}).text
    assert page.index("S’identifier avec ProConnect") < page.index('for="login"') and "autofocus" not in page
    assert f'href="{LEAVE}?suite={HISTORY}"' in page


def test_the_pages_of_the_way_have_no_html_error(browser: Returning, tmp_path: Path) -> None:
    answers = [browser.client.get(SIGN_IN), browser.come_back(email="autre@exemple.fr"), browser.come_back(HISTORY)]
    for number, answer in enumerate(answers):
        (tmp_path / f"{number}.html").write_bytes(answer.data)
    assert errors(*tmp_path.glob("*.html")) == []


TURNED_AWAY = {
    "email": {"email": "quelqu.un@exemple.fr"},
    "siret": {"siret": "11000601200010"},
    "acr": {"acr": "eidas1"},
}


@pytest.mark.parametrize("reason", TURNED_AWAY)
def test_who_is_not_expected_is_turned_away_and_told_why(browser: Returning, reason: str) -> None:
    answer = browser.come_back(**TURNED_AWAY[reason])
    assert answer.status_code == 403 and "Connexion refusée" in answer.text and not browser.is_signed_in()
    assert ('page <a href="/contact">' in answer.text) == (reason != "acr") == ("Fermer votre session" in answer.text)
    assert browser.list_trail() == [("sign-in-failed", reason)] and browser.get_agent().subject is None


def test_a_disabled_account_stays_shut(browser: Returning) -> None:
    with write_session(browser.engine) as session:
        disable_agent(session, session.get_one(Agent, browser.id), datetime.now(UTC))
    assert "désactivé" in browser.come_back().text and not browser.is_signed_in()
    assert browser.list_trail() == [("sign-in-failed", "disabled")]


def test_an_address_given_to_somebody_else_does_not_give_the_account(browser: Returning) -> None:
    browser.come_back(sub="l’ancienne")
    other = browser.client.application.test_client()
    refused = other.get(authenticate(other.get(LEAVE).headers["Location"], sub="la nouvelle"))
    assert refused.status_code == 403 and "autre identité" in refused.text and not browser.is_signed_in(other)
    with write_session(browser.engine) as session:
        set_agent_identity(session, session.get_one(Agent, browser.id), EMAIL, SIRET, datetime.now(UTC))
    assert not browser.is_signed_in(), "sessions end when another may come"
    assert browser.come_back(sub="la nouvelle").status_code == 200
    assert browser.list_trail() == [("sign-in", ""), ("sign-in-failed", "subject"), ("sign-in", "")]


def test_capitals_in_an_address_change_nothing(browser: Returning) -> None:
    assert browser.come_back(email=EMAIL.upper()).status_code == 200 and browser.is_signed_in()


def test_a_return_serves_once(browser: Returning) -> None:
    back, cookie = authenticate(browser.leave()), browser.client.get_cookie("ouvoir_proconnect", path=BACK)
    assert cookie and browser.client.get(back).status_code == 200
    other = browser.client.application.test_client()
    assert other.get(back).status_code == 403, "elsewhere, without what this browser kept"
    other.set_cookie("ouvoir_proconnect", cookie.value, path=BACK)
    assert other.get(back).status_code == 403 and not browser.is_signed_in(other), "with it, a second time"
    assert browser.list_trail() == [("sign-in", ""), ("sign-in-failed", "state"), ("sign-in-failed", "state")]


def test_a_code_serves_once(browser: Returning) -> None:
    code = parse_qs(urlsplit(authenticate(browser.leave())).query)["code"][0]
    for _ in range(2):
        state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
        answer = browser.client.get(BACK, query_string={"code": code, "state": state})
        assert answer.status_code == 403  # its nonce is that of the first leaving
    assert browser.list_trail() == [("sign-in-failed", "token"), ("sign-in-failed", "code")]


@pytest.mark.parametrize("state", ["", "x", "é", "0" * 43])
def test_a_wrong_state_opens_nothing(browser: Returning, state: str) -> None:
    code = parse_qs(urlsplit(authenticate(browser.leave())).query)["code"][0]
    answer = browser.client.get(BACK, query_string={"code": code, "state": state})
    assert answer.status_code == 403 and not browser.is_signed_in() and browser.list_trail() == [("sign-in-failed", "state")]


def test_giving_up_over_there_is_said(browser: Returning) -> None:
    state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
    answer = browser.client.get(BACK, query_string={"error": "access_denied", "state": state})
    assert answer.status_code == 403 and "n’a pas confirmé" in answer.text
    assert browser.list_trail() == [("sign-in-failed", "given-up")]
