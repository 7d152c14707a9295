"""Test the accounts page: access given, roles changed, accounts disabled; one administrator is always left."""

import re
from pathlib import Path

import pytest
from sqlmodel import col, select

from domain.accounts.agents import add_agent, find_agent
from domain.common.enums import Role
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent, AuditLine
from tests.webapp.staff.conftest import LOGIN, NOW, PASSWORD, SAME_ORIGIN, StaffClient
from tests.webapp.test_html import errors

ACCOUNTS = "/agents/comptes"


@pytest.fixture
def admin(sqlite_staff: StaffClient) -> StaffClient:
    """Return the site for Camille, the only administrator; Dominique is a manager."""
    with write_session(sqlite_staff.engine) as session:
        find_agent(session, LOGIN).role = Role.ADMIN
        add_agent(session, "dominique", "Dominique", PASSWORD, NOW)
    sqlite_staff.sign_in()
    return sqlite_staff


def post(staff: StaffClient, address: str, **typed: str) -> tuple[int, str]:
    answer = staff.client.post(f"{ACCOUNTS}{address}", data={"csrf": staff.get_csrf_token(), **typed}, headers=SAME_ORIGIN)
    return answer.status_code, answer.text


def find_account(staff: StaffClient, login: str) -> Agent:
    with read_session(staff.engine) as session:
        return find_agent(session, login)


def test_access_is_given_by_address_role_and_siret(admin: StaffClient) -> None:
    typed = {"name": "Sacha", "email": " Sacha.Petit@Exemple.fr", "siret": "130 025 265 00013", "role": "reader"}
    assert post(admin, "", **typed)[0] == 303
    account = find_account(admin, "sacha.petit")
    assert (account.email, account.siret, account.role) == ("sacha.petit@exemple.fr", "13002526500013", Role.READER)
    assert account.password_hash == "" and "sacha.petit@exemple.fr" in admin.client.get(ACCOUNTS).text


WRONG = [
    ({"email": "sacha"}, "adresse électronique attendue"),
    ({"email": "sacha@éxemple.fr"}, "sans accent"),
    ({"siret": "123"}, "quatorze chiffres"),
    ({"name": " "}, "nom est attendu"),
    ({"role": "chef"}, "choisissez un rôle"),
]


@pytest.mark.parametrize(("fields", "message"), WRONG, ids=str)
def test_what_cannot_be_is_said_and_what_was_typed_stays(admin: StaffClient, fields: dict[str, str], message: str) -> None:
    status, page = post(admin, "", **({"name": "Sacha", "email": "sacha@exemple.fr", "role": "reader"} | fields))
    assert status == 409 and message.lower() in page.lower() and 'role="alert"' in page
    assert "name" in fields or 'value="Sacha"' in page
    with read_session(admin.engine) as session:
        assert len(session.exec(select(Agent)).all()) == 2


def test_an_address_opens_one_account(admin: StaffClient) -> None:
    account_id = find_account(admin, "dominique").id
    assert post(admin, f"/{account_id}/acces", email="d@exemple.fr")[0] == 303
    status, page = post(admin, "", name="Sacha", email="D@exemple.fr", role="reader")
    assert status == 409 and "déjà celle du compte dominique" in page
    assert post(admin, f"/{account_id}/acces", email="d@exemple.fr", siret="13002526500013")[0] == 303, "its own is no clash"
    assert post(admin, f"/{account_id}/acces", email="")[0] == 303 and find_account(admin, "dominique").email is None


def test_a_changed_role_ends_the_sessions_it_opened(admin: StaffClient) -> None:
    other = StaffClient(admin.client.application.test_client(), admin.engine, admin.clock)
    other.sign_in("dominique")
    account_id = find_account(admin, "dominique").id
    assert other.is_signed_in() and post(admin, f"/{account_id}/role", role="reader")[0] == 303
    assert not other.is_signed_in() and find_account(admin, "dominique").role is Role.READER
    other.sign_in("dominique")
    assert post(admin, f"/{account_id}/service", service="non")[0] == 303
    assert not other.is_signed_in() and post(admin, f"/{account_id}/service", service="non")[0] == 409
    assert post(admin, f"/{account_id}/service", service="oui")[0] == 303 and other.sign_in("dominique").status_code == 303


def test_the_last_administrator_stays_one(admin: StaffClient) -> None:
    account_id = find_account(admin, LOGIN).id
    for address, typed in (("role", {"role": "reader"}), ("service", {"service": "non"})):
        status, page = post(admin, f"/{account_id}/{address}", **typed)
        assert status == 409 and "ernier administrateur" in page
    assert post(admin, f"/{find_account(admin, 'dominique').id}/role", role="admin")[0] == 303
    assert post(admin, f"/{account_id}/role", role="reader")[0] == 303 and not admin.is_signed_in()


def test_the_trail_says_who_did_it_and_what_it_was_before(admin: StaffClient) -> None:
    account_id = find_account(admin, "dominique").id
    post(admin, f"/{account_id}/role", role="admin")
    post(admin, f"/{account_id}/acces", email="d@exemple.fr")
    with read_session(admin.engine) as session:
        events = session.exec(select(AuditLine).order_by(col(AuditLine.id).desc()).limit(2)).all()
    assert [event.action for event in events] == ["account-allowed", "role-changed"]
    assert {event.agent_id for event in events} == {find_account(admin, LOGIN).id} and events[0].detail == {"login": "dominique"}
    assert (events[1].before, events[1].after) == ({"role": "manager"}, {"role": "admin"})
    assert events[0].after == {"email": "d@exemple.fr", "siret": None}
    history = admin.client.get("/agents/historique").text
    assert "rôle changé" in history and "accès par ProConnect changé" in history


def test_pages_have_no_html_error(admin: StaffClient, tmp_path: Path) -> None:
    for name, address in (("list", ACCOUNTS), ("one", f"{ACCOUNTS}/{find_account(admin, 'dominique').id}")):
        (tmp_path / f"{name}.html").write_bytes(admin.client.get(address).data)
    assert errors(*tmp_path.glob("*.html")) == []


def test_pages_are_read_without_sight(admin: StaffClient) -> None:
    for address in (ACCOUNTS, f"{ACCOUNTS}/{find_account(admin, 'dominique').id}"):
        page = admin.client.get(address).text
        fields = re.findall(r'<(?:input|select) id="(\w+)"', page)
        assert fields and all(f'<label for="{name}"' in page for name in fields) and page.count("<h1") == 1
    assert admin.client.get(f"{ACCOUNTS}/999").status_code == 404
    assert post(admin, "/999/role", role="reader")[0] == 404
