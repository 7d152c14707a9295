"""Accounts of agents: made, listed, found; passwords kept as Argon2id hashes only."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.accounts.sessions import end_sessions
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.db.engine import lock_tables
from domain.models.agent import Agent

MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 12, 200
_LOGIN_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
# OWASP's first setting for Argon2id; each check takes 46 MiB, so that two at most run at a time.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_HASH_SLOTS = BoundedSemaphore(2)


def parse_login(text: str) -> str:
    """A login in its one form: lower case, without the spaces around. Raises Problem when it cannot be one."""
    login = text.strip().lower()
    if not _LOGIN_PATTERN.fullmatch(login):
        raise UserError("identifiant : de 1 à 64 lettres sans accent, chiffres, points, tirets, sans point ni tiret au bord")
    return login


def _hash_password(password: str) -> str:
    """Raises Problem when the password is too short or too long; nothing else is asked of it."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise UserError(f"mot de passe : de {MIN_PASSWORD_LENGTH} à {MAX_PASSWORD_LENGTH} caractères attendus")
    with _HASH_SLOTS:
        return _HASHER.hash(unicodedata.normalize("NFC", password))


def add_agent(
    session: Session, login: str, name: str, password: str, now: datetime, role: Role = Role.MANAGER, actor: Agent | None = None
) -> Agent:
    """A new account. Raises Problem when the login is taken or impossible, the name empty or the password too short."""
    return insert_agent(
        session, Agent(login=login, name=name, role=role, password_hash=_hash_password(password), created_at=now), actor
    )


def insert_agent(session: Session, agent: Agent, actor: Agent | None) -> Agent:
    """Writes a new account down. Raises Problem when its login is taken or impossible, or its name empty."""
    lock_tables(session, Agent)
    agent.login, agent.name = parse_login(agent.login), clean_text(agent.name)[:200]
    if not agent.name:
        raise UserError("un nom est attendu : celui de l'agent")
    if session.exec(select(Agent.id).where(Agent.login == agent.login)).first() is not None:
        raise UserError(f"l'identifiant {agent.login} est déjà pris (voir « ouvoir agent list »)")
    session.add(agent)
    session.flush()
    log_account_event(session, agent.created_at, "account-opened", agent, actor, after={"role": agent.role, "email": agent.email})
    return agent


def log_account_event(
    session: Session,
    now: datetime,
    action: str,
    agent: Agent,
    actor: Agent | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """The trail names the account, and who acted on it: nobody known, for who was at the command line."""
    log_audit_event(session, now, actor.id if actor else None, action, detail={"login": agent.login}, before=before, after=after)


def find_agent(session: Session, login: str) -> Agent:
    """An account, disabled or not. Raises Problem when there is none."""
    agent = session.exec(select(Agent).where(Agent.login == login.strip().lower())).first()
    if agent is None:
        raise UserError(f"agent inconnu : {login} (voir « ouvoir agent list »)")
    return agent


def list_agents(session: Session) -> Sequence[Agent]:
    """Every account, by login."""
    return session.exec(select(Agent).order_by(col(Agent.login))).all()


def change_password(session: Session, login: str, password: str, now: datetime) -> Agent:
    """Gives an account another password and ends its sessions. A disabled account is opened again.

    Raises Problem when the account is unknown or the password too short.
    """
    agent = find_agent(session, login)
    agent.password_hash, agent.disabled_at = _hash_password(password), None
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "password-changed", agent, None)
    return agent


@cache
def _get_dummy_hash() -> str:
    return _HASHER.hash("mot de passe de personne")


def check_password(agent: Agent | None, password: str) -> bool:
    """Whether this is the agent's password; as long to answer for whoever has none as for anybody."""
    usable = (
        agent is not None and agent.disabled_at is None and agent.password_hash != "" and len(password) <= MAX_PASSWORD_LENGTH
    )
    expected = agent.password_hash if agent is not None and usable else _get_dummy_hash()
    try:
        with _HASH_SLOTS:
            right = _HASHER.verify(expected, unicodedata.normalize("NFC", password[:MAX_PASSWORD_LENGTH]))
    except (VerificationError, InvalidHashError):
        return False
    return usable and right


def rehash_password(session: Session, agent: Agent, password: str) -> None:
    """Hashes anew a password that was just found right, when the costs asked for have changed since."""
    if _HASHER.check_needs_rehash(agent.password_hash):
        agent.password_hash = _hash_password(password)
        session.add(agent)
