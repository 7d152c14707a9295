"""Agents sign in, stay in while they work, and leave; guessing is slowed; the trail keeps all of it."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from domain.accounts.agents import change_password, find_agent
from domain.accounts.roles import disable_agent
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from tests.webapp.staff.conftest import HOME, LOGIN, NOW, PASSWORD, REVIEW, SAME_ORIGIN, SIGN_IN, StaffClient


def test_an_agent_comes_in_works_and_leaves(door: StaffClient) -> None:
    assert door.client.get(REVIEW).headers["Location"].startswith(SIGN_IN)
    came = door.sign_in(" Camille ")
    assert (came.status_code, came.headers["Location"]) == (303, HOME)
    page = door.client.get(REVIEW)
    assert page.status_code == 200 and "Camille Martin" in page.text and "Se déconnecter" in page.text
    assert door.client.get(SIGN_IN).headers["Location"] == HOME, "whoever is in goes to the cockpit"
    assert door.sign_out().headers["Location"].startswith(SIGN_IN) and not door.is_signed_in()
    lines = door.list_audit_events()
    assert [(line.action, line.logged_at) for line in lines] == [("sign-in", NOW), ("sign-out", NOW)]
    assert len({line.agent_id for line in lines}) == 1 and lines[0].agent_id is not None


def test_leaving_ends_the_session_and_not_the_cookie_only(light_door: StaffClient) -> None:
    light_door.sign_in()
    cookie = light_door.client.get_cookie("ouvoir_agent", path="/agents")
    assert cookie is not None
    light_door.sign_out()
    assert light_door.client.get_cookie("ouvoir_agent", path="/agents") is None
    light_door.client.set_cookie("ouvoir_agent", cookie.value, path="/agents")
    assert not light_door.is_signed_in()


@pytest.mark.parametrize(("login", "password"), [(LOGIN, "mauvais"), ("personne", PASSWORD), (LOGIN, ""), ("", ""), ("\0", "\0")])
def test_a_wrong_pair_says_the_same_whoever_it_is(door: StaffClient, login: str, password: str) -> None:
    answer = door.sign_in(login, password)
    assert answer.status_code == 403 and "Identifiant ou mot de passe inconnu." in answer.text
    assert "Set-Cookie" not in answer.headers and not door.is_signed_in()
    (line,) = door.list_audit_events()
    assert line.action == "sign-in-failed" and (line.agent_id is not None) == (login == LOGIN)


def test_what_was_typed_is_never_shown_nor_kept_where_it_should_not(light_door: StaffClient) -> None:
    answer = light_door.sign_in('"><script>', "secret de Polichinelle")
    assert "<script>" not in answer.text and "Polichinelle" not in answer.text
    light_door.sign_in("un mot de passe tapé trop haut", "")
    kept = str([line.model_dump() for line in light_door.list_audit_events()])
    assert "Polichinelle" not in kept and "tapé trop haut" not in kept


def test_a_disabled_agent_is_out_at_once_and_stays_out(door: StaffClient) -> None:
    door.sign_in()
    with write_session(door.engine) as session:
        disable_agent(session, find_agent(session, LOGIN), NOW)
    assert not door.is_signed_in() and door.sign_in().status_code == 403


def test_another_password_ends_the_sessions_of_the_first(light_door: StaffClient) -> None:
    light_door.sign_in()
    with write_session(light_door.engine) as session:
        change_password(session, LOGIN, "un autre mot de passe", NOW)
    assert not light_door.is_signed_in() and light_door.sign_in().status_code == 403
    assert light_door.sign_in(password="un autre mot de passe").status_code == 303


def test_half_an_hour_without_an_act_ends_a_session(door: StaffClient) -> None:
    door.sign_in()
    for minutes in (29, 29, 29):
        door.clock.shift(timedelta(minutes=minutes))
        assert door.is_signed_in()
    door.clock.shift(timedelta(minutes=31))
    assert not door.is_signed_in()


def test_twelve_hours_end_a_session_however_busy(light_door: StaffClient) -> None:
    light_door.sign_in()
    for _ in range(12 * 3 - 1):
        light_door.clock.shift(timedelta(minutes=20))
        assert light_door.is_signed_in()
    light_door.clock.shift(timedelta(minutes=20))
    assert not light_door.is_signed_in()


def test_guessing_is_slowed_and_tells_for_how_long(door: StaffClient) -> None:
    tries = [door.sign_in(password=f"essai numéro {number}") for number in range(6)]
    assert [answer.status_code for answer in tries] == [403] * 5 + [429]
    wait = int(tries[-1].headers["Retry-After"])
    assert "Trop d’essais" in tries[-1].text and 0 < wait <= 15 * 60
    assert door.sign_in().status_code == 429, "the right password waits too"
    door.clock.shift(timedelta(seconds=wait))
    assert door.sign_in().status_code == 303


def test_an_address_that_tries_many_logins_is_slowed(light_door: StaffClient) -> None:
    codes = [light_door.sign_in(f"agent{number}", "x").status_code for number in range(60)]
    assert 429 in codes and light_door.sign_in("unautre", "x").status_code == 429
    elsewhere = light_door.sign_in(environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303, "others are not kept out"


def test_the_form_is_read_without_sight_and_without_script(light_door: StaffClient) -> None:
    page = light_door.client.get(SIGN_IN).text
    for field in ("login", "password"):
        assert f'<label for="{field}"' in page and f'id="{field}"' in page
    assert 'autocomplete="username"' in page and 'autocomplete="current-password"' in page and "desk.js" not in page
    refused = light_door.sign_in(password="mauvais").text
    assert 'id="refus" role="alert"' in refused and refused.count('aria-describedby="refus" aria-invalid="true"') == 2
    assert "aria-invalid" not in page and page.count(" autofocus") == refused.count(" autofocus") == 1
    assert f'value="{LOGIN}"' in refused and page.count("<h1") == 1


def test_a_body_too_large_is_refused_as_elsewhere(light_door: StaffClient) -> None:
    answer = light_door.client.post(SIGN_IN, data={"login": "x" * 20_000}, headers=SAME_ORIGIN)
    assert answer.status_code == 413 and answer.headers["Cache-Control"] == "no-store"


def test_a_password_changed_while_the_old_one_was_checked_does_not_open(
    light_door: StaffClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked_slowly(agent: Agent | None, password: str) -> bool:
        with write_session(light_door.engine) as session:
            change_password(session, LOGIN, "un autre mot de passe", NOW)
        return True

    monkeypatch.setattr("webapp.staff.login.check_password", checked_slowly)
    assert light_door.sign_in().status_code == 403 and not light_door.is_signed_in()


def test_a_database_too_busy_to_note_a_use_keeps_nobody_out(light_door: StaffClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise UserError("occupée")

    light_door.sign_in()
    light_door.clock.shift(timedelta(minutes=5))
    monkeypatch.setattr("webapp.staff.auth.touch_session", busy)
    assert light_door.is_signed_in()


def test_signing_in_renews_a_hash_of_other_costs(light_door: StaffClient) -> None:
    dated = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with write_session(light_door.engine) as session:
        find_agent(session, LOGIN).password_hash = dated
    assert light_door.sign_in().status_code == 303 and light_door.is_signed_in()
    with write_session(light_door.engine) as session:
        assert find_agent(session, LOGIN).password_hash != dated
    assert light_door.sign_in().status_code == 303
