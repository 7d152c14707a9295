"""Sign-in through the identity provider, and changes of role."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.accounts.agents import add_agent, check_password
from domain.accounts.allow_list import (
    Identity,
    SignInRefusal,
    authenticate_identity,
    invite_agent,
    parse_email,
    parse_siret,
    set_agent_identity,
)
from domain.accounts.roles import change_role, disable_agent, enable_agent
from domain.accounts.sessions import MAX_SESSION_AGE, end_session, find_session, open_session
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent, AgentSession
from tests.domain.builders import NOON

EMAIL, SIRET, PASSWORD = "camille@exemple.fr", "13002526500013", "un mot de passe d’été"


def seen(subject: str = "moi", email: str = EMAIL, siret: str = SIRET) -> Identity:
    return Identity(subject, email, siret)


def add_camille(session: Session, siret: str = SIRET) -> Agent:
    return invite_agent(session, EMAIL, "Camille", Role.READER, NOON, siret)


def test_the_first_to_come_is_the_only_one_after(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        assert authenticate_identity(session, seen(email="Camille@Exemple.FR")) == (agent, None) and agent.subject == "moi"
        assert authenticate_identity(session, seen()) == (agent, None)
        assert authenticate_identity(session, seen("une autre")) == (agent, SignInRefusal.SUBJECT)
        set_agent_identity(session, agent, EMAIL, "", NOON)
        assert authenticate_identity(session, seen("une autre", siret="")) == (agent, None)


def test_who_is_not_expected_is_refused_with_a_reason(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        assert authenticate_identity(session, seen(email="")) == (None, SignInRefusal.EMAIL)
        assert authenticate_identity(session, seen(email="autre@exemple.fr")) == (None, SignInRefusal.EMAIL)
        assert authenticate_identity(session, seen(siret="11000601200010")) == (agent, SignInRefusal.SIRET)
        disable_agent(session, agent, NOON)
        assert authenticate_identity(session, seen()) == (agent, SignInRefusal.DISABLED) and agent.subject is None
        enable_agent(session, agent, NOON)
        assert authenticate_identity(session, seen()) == (agent, None)


def test_one_person_is_not_two_accounts(engine: Engine) -> None:
    with write_session(engine) as session:
        add_camille(session)
        other = invite_agent(session, "autre@exemple.fr", "Autre", Role.READER, NOON)
        authenticate_identity(session, seen())
        assert authenticate_identity(session, seen(email="autre@exemple.fr")) == (other, SignInRefusal.SUBJECT)


def test_an_account_without_password_opens_to_none(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        agent = add_camille(session)
        assert [tried for tried in ("", " ", PASSWORD) if check_password(agent, tried)] == []


def test_rights_changed_end_sessions_and_what_the_provider_gave(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = add_camille(session)
        tokens = [open_session(session, agent, NOON, "une preuve") for _ in range(2)]
        row = find_session(session, tokens[0], NOON)
        assert row and row[1].id is not None and end_session(session, row[1].id, NOON) == "une preuve"
        later = open_session(session, agent, NOON + MAX_SESSION_AGE, "une autre")
        living = select(AgentSession.id_token).where(col(AgentSession.id_token).is_not(None))
        assert session.exec(living).all() == ["une autre"], "what a session left unended kept is erased at the next one"
        change_role(session, agent, Role.MANAGER, NOON + MAX_SESSION_AGE)
        assert session.exec(living).all() == [] and find_session(session, later, NOON + MAX_SESSION_AGE) is None
        assert [find_session(session, token, NOON) for token in tokens] == [None, None]


def test_from_a_page_an_administrator_is_left(engine: Engine) -> None:
    with write_session(engine) as session:
        first = add_agent(session, "un", "Un", PASSWORD, NOON, Role.ADMIN)
        second = add_agent(session, "deux", "Deux", PASSWORD, NOON, Role.ADMIN)
        disable_agent(session, second, NOON, first)
        with pytest.raises(UserError, match="dernier administrateur"):
            change_role(session, first, Role.READER, NOON, first)
        with pytest.raises(UserError, match="dernier administrateur"):
            disable_agent(session, first, NOON, first)
        disable_agent(session, first, NOON)
        assert first.disabled_at == NOON, "the command line can: it can make another one"


def test_logins_are_made_of_what_stands_before_the_at(engine: Engine) -> None:
    with write_session(engine) as session:
        emails = ["a_b%c@exemple.fr", "a_b%c@autre.fr", "...@exemple.fr", "a_bc@exemple.fr", f"{'x' * 64}@exemple.fr"]
        made = [invite_agent(session, email, "Nom", Role.READER, NOON).login for email in emails]
    assert made == ["a_bc", "a_bc-2", "agent", "a_bc-3", "x" * 56]


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "@b.fr", "a@b.fr c", "a@@b.fr", "a@b.fr\n\0", "é@b.fr", f"a@{'b' * 260}.fr", "a@b."]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="adresse électronique"):
        parse_email(text)


def test_a_siret_is_fourteen_digits() -> None:
    assert parse_siret(" 130 025 265 00013 ") == SIRET and parse_siret(" ") is None
    for text in ("1300252650001", "130025265000134", "1300252650001é", "١٣٠٠٢٥٢٦٥٠٠٠١٣"):
        with pytest.raises(UserError, match="quatorze"):
            parse_siret(text)


def test_an_account_opened_twice_at_once_is_opened_once(engine: Engine) -> None:
    ready, refused = Barrier(4), list[str]()

    def attempt() -> None:
        ready.wait()
        try:
            with write_session(engine) as session:
                add_camille(session)
        except UserError as problem:
            refused.append(str(problem))

    administrators = [Thread(target=attempt) for _ in range(4)]
    for administrator in administrators:
        administrator.start()
    for administrator in administrators:
        administrator.join()
    assert refused == [f"l'adresse {EMAIL} est déjà celle du compte camille"] * 3
