"""Set up the staff site, an agent who may sign in, and a clock that tests move."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select
from werkzeug.test import TestResponse

from domain.accounts import agents
from domain.accounts.agents import add_agent
from domain.db.engine import read_session, write_session
from domain.models.agent import AuditLine
from webapp.app import create_app

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
LOGIN, PASSWORD = "camille", "un mot de passe d’été"
SIGN_IN, SIGN_OUT, HOME = "/agents/connexion", "/agents/deconnexion", "/agents/"
REVIEW, HISTORY = "/agents/a-verifier", "/agents/historique"
SAME_ORIGIN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@dataclass
class StaffClient:
    """Represent an agent's browser, with the clock and the audit trail."""

    client: FlaskClient
    engine: Engine
    clock: time_machine.Traveller

    def sign_in(self, login: str = LOGIN, password: str = PASSWORD, **options: Any) -> TestResponse:
        headers = options.pop("headers", SAME_ORIGIN)
        return self.client.post(SIGN_IN, data={"login": login, "password": password}, headers=headers, **options)

    def sign_out(self, csrf: str | None = None, headers: dict[str, str] = SAME_ORIGIN) -> TestResponse:
        return self.client.post(SIGN_OUT, data={"csrf": self.get_csrf_token() if csrf is None else csrf}, headers=headers)

    def get_csrf_token(self) -> str:
        """Return the token of the forms on staff pages, "" when nobody is signed in."""
        match = re.search(r'name="csrf" value="([\w.-]+)"', self.client.get(HISTORY).text)
        return match.group(1) if match else ""

    def is_signed_in(self) -> bool:
        return self.client.get(HISTORY).status_code == 200

    def list_audit_events(self) -> list[AuditLine]:
        """Return what was done since the account was opened."""
        with read_session(self.engine) as session:
            stmt = select(AuditLine).where(AuditLine.action != "account-opened")
            return list(session.exec(stmt.order_by(col(AuditLine.id))))


def get_text(response: TestResponse) -> str:
    """Return the words of a page, without its tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def make_staff_client(engine: Engine, clock: time_machine.Traveller) -> StaffClient:
    with write_session(engine) as session:
        add_agent(session, LOGIN, "Camille Martin", PASSWORD, NOW)
    return StaffClient(create_app(engine).test_client(), engine, clock)


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords at little cost; what they cost in truth is tested where accounts are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agents, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def staff(engine: Engine, clock: time_machine.Traveller) -> StaffClient:
    """Return the site on each database."""
    return make_staff_client(engine, clock)


@pytest.fixture
def sqlite_staff(sqlite_engine: Engine, clock: time_machine.Traveller) -> StaffClient:
    """Return the site on SQLite, for what does not depend on the database."""
    return make_staff_client(sqlite_engine, clock)
