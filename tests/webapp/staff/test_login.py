"""Test that agents sign in, stay in while they work, and leave; guessing is slowed; the audit trail keeps all of it."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from domain.accounts.agents import change_password, find_agent
from domain.accounts.roles import disable_agent
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from tests.webapp.staff.conftest import HOME, LOGIN, NOW, PASSWORD, REVIEW, SAME_ORIGIN, SIGN_IN, StaffClient


def test_an_agent_comes_in_works_and_leaves(staff: StaffClient) -> None:
    assert staff.client.get(REVIEW).headers["Location"].startswith(SIGN_IN)
    response = staff.sign_in(" Camille ")
    assert (response.status_code, response.headers["Location"]) == (303, HOME)
    page = staff.client.get(REVIEW)
    assert page.status_code == 200 and "Camille Martin" in page.text and "Se déconnecter" in page.text
    assert staff.client.get(SIGN_IN).headers["Location"] == HOME, "whoever is in goes to the cockpit"
    assert staff.sign_out().headers["Location"].startswith(SIGN_IN) and not staff.is_signed_in()
    events = staff.list_audit_events()
    assert [(event.action, event.logged_at) for event in events] == [("sign-in", NOW), ("sign-out", NOW)]
    assert len({event.agent_id for event in events}) == 1 and events[0].agent_id is not None


def test_leaving_ends_the_session_and_not_the_cookie_only(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    cookie = sqlite_staff.client.get_cookie("ouvoir_agent", path="/agents")
    assert cookie is not None
    sqlite_staff.sign_out()
    assert sqlite_staff.client.get_cookie("ouvoir_agent", path="/agents") is None
    sqlite_staff.client.set_cookie("ouvoir_agent", cookie.value, path="/agents")
    assert not sqlite_staff.is_signed_in()


@pytest.mark.parametrize(("login", "password"), [(LOGIN, "mauvais"), ("personne", PASSWORD), (LOGIN, ""), ("", ""), ("\0", "\0")])
def test_a_wrong_pair_says_the_same_whoever_it_is(staff: StaffClient, login: str, password: str) -> None:
    answer = staff.sign_in(login, password)
    assert answer.status_code == 403 and "Identifiant ou mot de passe inconnu." in answer.text
    assert "Set-Cookie" not in answer.headers and not staff.is_signed_in()
    (event,) = staff.list_audit_events()
    assert event.action == "sign-in-failed" and (event.agent_id is not None) == (login == LOGIN)


def test_what_was_typed_is_never_shown_nor_kept_where_it_should_not(sqlite_staff: StaffClient) -> None:
    answer = sqlite_staff.sign_in('"><script>', "secret de Polichinelle")
    assert "<script>" not in answer.text and "Polichinelle" not in answer.text
    sqlite_staff.sign_in("un mot de passe tapé trop haut", "")
    stored = str([event.model_dump() for event in sqlite_staff.list_audit_events()])
    assert "Polichinelle" not in stored and "tapé trop haut" not in stored


def test_a_disabled_agent_is_out_at_once_and_stays_out(staff: StaffClient) -> None:
    staff.sign_in()
    with write_session(staff.engine) as session:
        disable_agent(session, find_agent(session, LOGIN), NOW)
    assert not staff.is_signed_in() and staff.sign_in().status_code == 403


def test_another_password_ends_the_sessions_of_the_first(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    with write_session(sqlite_staff.engine) as session:
        change_password(session, LOGIN, "un autre mot de passe", NOW)
    assert not sqlite_staff.is_signed_in() and sqlite_staff.sign_in().status_code == 403
    assert sqlite_staff.sign_in(password="un autre mot de passe").status_code == 303


def test_half_an_hour_without_an_act_ends_a_session(staff: StaffClient) -> None:
    staff.sign_in()
    for minutes in (29, 29, 29):
        staff.clock.shift(timedelta(minutes=minutes))
        assert staff.is_signed_in()
    staff.clock.shift(timedelta(minutes=31))
    assert not staff.is_signed_in()


def test_twelve_hours_end_a_session_however_busy(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    for _ in range(12 * 3 - 1):
        sqlite_staff.clock.shift(timedelta(minutes=20))
        assert sqlite_staff.is_signed_in()
    sqlite_staff.clock.shift(timedelta(minutes=20))
    assert not sqlite_staff.is_signed_in()


def test_guessing_is_slowed_and_tells_for_how_long(staff: StaffClient) -> None:
    tries = [staff.sign_in(password=f"essai numéro {number}") for number in range(6)]
    assert [answer.status_code for answer in tries] == [403] * 5 + [429]
    wait = int(tries[-1].headers["Retry-After"])
    assert "Trop d’essais" in tries[-1].text and 0 < wait <= 15 * 60
    assert staff.sign_in().status_code == 429, "the right password waits too"
    staff.clock.shift(timedelta(seconds=wait))
    assert staff.sign_in().status_code == 303


def test_an_address_that_tries_many_logins_is_slowed(sqlite_staff: StaffClient) -> None:
    codes = [sqlite_staff.sign_in(f"agent{number}", "x").status_code for number in range(60)]
    assert 429 in codes and sqlite_staff.sign_in("unautre", "x").status_code == 429
    elsewhere = sqlite_staff.sign_in(environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303, "others are not kept out"


def test_the_form_is_read_without_sight_and_without_script(sqlite_staff: StaffClient) -> None:
    page = sqlite_staff.client.get(SIGN_IN).text
    for field in ("login", "password"):
        assert f'<label for="{field}"' in page and f'id="{field}"' in page
    assert 'autocomplete="username"' in page and 'autocomplete="current-password"' in page and "desk.js" not in page
    refused = sqlite_staff.sign_in(password="mauvais").text
    assert 'id="refus" role="alert"' in refused and refused.count('aria-describedby="refus" aria-invalid="true"') == 2
    assert "aria-invalid" not in page and page.count(" autofocus") == refused.count(" autofocus") == 1
    assert f'value="{LOGIN}"' in refused and page.count("<h1") == 1


def test_a_body_too_large_is_refused_as_elsewhere(sqlite_staff: StaffClient) -> None:
    answer = sqlite_staff.client.post(SIGN_IN, data={"login": "x" * 20_000}, headers=SAME_ORIGIN)
    assert answer.status_code == 413 and answer.headers["Cache-Control"] == "no-store"


def test_a_password_changed_while_the_old_one_was_checked_does_not_open(
    sqlite_staff: StaffClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked_slowly(agent: Agent | None, password: str) -> bool:
        with write_session(sqlite_staff.engine) as session:
            change_password(session, LOGIN, "un autre mot de passe", NOW)
        return True

    monkeypatch.setattr("webapp.staff.login.check_password", checked_slowly)
    assert sqlite_staff.sign_in().status_code == 403 and not sqlite_staff.is_signed_in()


def test_a_database_too_busy_to_note_a_use_keeps_nobody_out(sqlite_staff: StaffClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise UserError("occupée")

    sqlite_staff.sign_in()
    sqlite_staff.clock.shift(timedelta(minutes=5))
    monkeypatch.setattr("webapp.staff.auth.touch_session", busy)
    assert sqlite_staff.is_signed_in()


def test_signing_in_renews_a_hash_of_other_costs(sqlite_staff: StaffClient) -> None:
    dated = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with write_session(sqlite_staff.engine) as session:
        find_agent(session, LOGIN).password_hash = dated
    assert sqlite_staff.sign_in().status_code == 303 and sqlite_staff.is_signed_in()
    with write_session(sqlite_staff.engine) as session:
        assert find_agent(session, LOGIN).password_hash != dated
    assert sqlite_staff.sign_in().status_code == 303
