"""Accounts of agents and their sessions: what is kept, what opens, what ends."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.accounts import agents
from domain.accounts.agents import add_agent, change_password, check_password, find_agent, list_agents, rehash_password
from domain.accounts.roles import disable_agent
from domain.accounts.sessions import (
    IDLE_TIMEOUT,
    MAX_SESSION_AGE,
    end_session,
    find_session,
    is_last_seen_stale,
    open_session,
    touch_session,
)
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent, AgentSession, AuditLine
from domain.models.columns import get_id
from tests.domain.builders import NOON

PASSWORD = "un mot de passe d’été"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at little cost, where what they cost is not what is tested."""
    monkeypatch.setattr(agents, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def add_camille(session: Session, password: str = PASSWORD) -> Agent:
    return add_agent(session, "camille", "Camille Martin", password, NOON)


def test_a_password_is_kept_as_an_argon2id_hash_only(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        other = add_agent(session, "dominique", "Dominique", PASSWORD, NOON)
        assert PASSWORD not in str(agent.model_dump()) and agent.password_hash != other.password_hash
        costs = extract_parameters(agent.password_hash)
        assert costs.type.name == "ID" and costs.memory_cost >= 19_456 and costs.salt_len >= 16


def test_only_the_right_password_of_an_account_in_service_opens(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        assert check_password(agent, PASSWORD) and check_password(agent, "un mot de passe d’e\u0301te\u0301")
        wrong = ["", PASSWORD.upper(), PASSWORD[:-1], PASSWORD + " ", PASSWORD + "\0", "x" * 10_000]
        assert [tried for tried in wrong if check_password(agent, tried)] == []
        assert not check_password(None, PASSWORD) and not check_password(None, "mot de passe de personne")
        disable_agent(session, find_agent(session, "camille"), NOON)
        assert not check_password(agent, PASSWORD)


def test_a_longer_password_is_not_the_one_it_begins_with(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        agent = add_camille(session, "é" * 200)
        assert check_password(agent, "é" * 200)
        assert not check_password(agent, "é" * 200 + "suite"), "what is too long must not be cut and then accepted"


def test_a_hash_of_other_costs_is_renewed_once(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        today = agent.password_hash
        rehash_password(session, agent, PASSWORD)
        assert agent.password_hash == today
        agent.password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        assert check_password(agent, PASSWORD)
        rehash_password(session, agent, PASSWORD)
        assert extract_parameters(agent.password_hash) == extract_parameters(today) and check_password(agent, PASSWORD)


@pytest.mark.usefixtures("cheap_passwords")
def test_a_login_has_one_form(engine: Engine) -> None:
    with write_session(engine) as session:
        add_camille(session)
        assert find_agent(session, " CAMILLE ").name == "Camille Martin"
        with pytest.raises(UserError, match="déjà pris"):
            add_agent(session, "Camille", "Une autre", PASSWORD, NOON)
        add_agent(session, "anne.b", "Anne", PASSWORD, NOON)
        assert [agent.login for agent in list_agents(session)] == ["anne.b", "camille"]


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("login", ["", " ", "camille martin", "élise", ".camille", "a" * 65, "camille\0", "../x", "<b>"])
def test_what_cannot_be_a_login_is_refused(sqlite_engine: Engine, login: str) -> None:
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="identifiant"):
        add_agent(session, login, "Camille", PASSWORD, NOON)


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("password", ["", "onze signes", "x" * 201])
def test_a_password_has_twelve_signs_at_least_and_two_hundred_at_most(sqlite_engine: Engine, password: str) -> None:
    with write_session(sqlite_engine) as session:
        with pytest.raises(UserError, match="de 12 à 200"):
            add_camille(session, password)
        assert session.exec(select(Agent)).all() == []
        add_camille(session)
        with pytest.raises(UserError, match="de 12 à 200"):
            change_password(session, "camille", password, NOON)


@pytest.mark.usefixtures("cheap_passwords")
def test_a_token_is_kept_as_its_hash_only(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        tokens = {open_session(session, agent, NOON) for _ in range(20)}
        assert len(tokens) == 20 and min(map(len, tokens)) >= 43
        stored = str([living.model_dump() for living in session.exec(select(AgentSession))])
        assert [token for token in tokens if token in stored] == []
        assert find_session(session, tokens.pop() + "x", NOON) is None and find_session(session, "", NOON) is None


@pytest.mark.usefixtures("cheap_passwords")
def test_a_session_ends_unused_or_with_the_working_day(engine: Engine) -> None:
    with write_session(engine) as session:
        token, now = open_session(session, add_camille(session), NOON), NOON
        assert find_session(session, token, NOON + IDLE_TIMEOUT - MINUTE) and not find_session(
            session, token, NOON + IDLE_TIMEOUT
        )
        while (row := find_session(session, token, now)) is not None:
            assert now == NOON or is_last_seen_stale(row[1], now)
            touch_session(session, get_id(row[1]), now)
            session.expire_all()
            now += timedelta(minutes=20)
        assert now == NOON + MAX_SESSION_AGE


@pytest.mark.usefixtures("cheap_passwords")
def test_a_session_ends_when_it_is_left_and_the_others_go_on(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        left, other = open_session(session, agent, NOON), open_session(session, agent, NOON)
        row = find_session(session, left, NOON)
        assert row is not None
        end_session(session, get_id(row[1]), NOON)
        assert find_session(session, left, NOON) is None and find_session(session, other, NOON) is not None


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("act", ["disable", "password"])
def test_disabling_and_another_password_end_every_session_of_that_agent_only(engine: Engine, act: str) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        tokens = [open_session(session, agent, NOON) for _ in range(2)]
        spared = open_session(session, add_agent(session, "anne", "Anne", PASSWORD, NOON), NOON)
        if act == "disable":
            disable_agent(session, find_agent(session, "camille"), NOON + MINUTE)
        else:
            change_password(session, "camille", "un autre mot de passe", NOON + MINUTE)
        assert [token for token in tokens if find_session(session, token, NOON + MINUTE)] == []
        assert find_session(session, spared, NOON + MINUTE) is not None
        assert not check_password(agent, PASSWORD)


@pytest.mark.usefixtures("cheap_passwords")
def test_what_is_done_to_accounts_leaves_its_trail(engine: Engine) -> None:
    with write_session(engine) as session:
        add_camille(session)
        change_password(session, "camille", PASSWORD * 2, NOON + MINUTE)
        disable_agent(session, find_agent(session, "camille"), NOON + 2 * MINUTE)
        events = session.exec(select(AuditLine).order_by(AuditLine.id)).all()  # type: ignore[arg-type]
        assert [(event.action, event.detail, event.agent_id) for event in events] == [
            (action, {"login": "camille"}, None) for action in ("account-opened", "password-changed", "account-disabled")
        ]
