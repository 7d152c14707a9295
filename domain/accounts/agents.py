"""Create, find and list the accounts of agents, and check their passwords, stored as Argon2id hashes."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
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

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 200
_MAX_NAME_LENGTH = 200
_LOGIN_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
# OWASP's first setting for Argon2id; each hash takes 46 MiB of memory.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)


def parse_login(text: str) -> str:
    """Return a login in its one form: lower case, without spaces around. Raises UserError when it cannot be one."""
    login = text.strip().lower()
    if not _LOGIN_PATTERN.fullmatch(login):
        raise UserError("identifiant : de 1 à 64 lettres sans accent, chiffres, points, tirets, sans point ni tiret au bord")
    return login


def _hash_password(password: str) -> str:
    """Return the hash of a password. Raises UserError when it is too short or too long, its only constraint."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise UserError(f"mot de passe : de {MIN_PASSWORD_LENGTH} à {MAX_PASSWORD_LENGTH} caractères attendus")
    return _HASHER.hash(unicodedata.normalize("NFC", password))


def add_agent(
    session: Session, login: str, name: str, password: str, now: datetime, role: Role = Role.MANAGER, actor: Agent | None = None
) -> Agent:
    """Create an account with a password.

    Raises UserError when the login is taken or invalid, the name empty, or the password too short or too long.
    """
    agent = Agent(login=login, name=name, role=role, password_hash=_hash_password(password), created_at=now)
    return insert_agent(session, agent, actor)


def insert_agent(session: Session, agent: Agent, actor: Agent | None) -> Agent:
    """Store a new account. Raises UserError when its login is taken or invalid, or its name empty."""
    lock_tables(session, Agent)
    agent.login = parse_login(agent.login)
    agent.name = clean_text(agent.name)[:_MAX_NAME_LENGTH]
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
    """Log an act on an account in the audit trail; `actor` is None for an act of the command line."""
    log_audit_event(session, now, actor.id if actor else None, action, detail={"login": agent.login}, before=before, after=after)


def find_agent(session: Session, login: str) -> Agent:
    """Return an account by its login, disabled or not. Raises UserError when there is none."""
    agent = session.exec(select(Agent).where(Agent.login == login.strip().lower())).first()
    if agent is None:
        raise UserError(f"agent inconnu : {login} (voir « ouvoir agent list »)")
    return agent


def list_agents(session: Session) -> Sequence[Agent]:
    """List every account by login."""
    return session.exec(select(Agent).order_by(col(Agent.login))).all()


def change_password(session: Session, login: str, password: str, now: datetime) -> Agent:
    """Set the password of an account and end its sessions; a disabled account is enabled again.

    Raises UserError when the account is unknown, or the password too short or too long.
    """
    agent = find_agent(session, login)
    agent.password_hash = _hash_password(password)
    agent.disabled_at = None
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "password-changed", agent, None)
    return agent


@cache
def _get_dummy_hash() -> str:
    """Return the hash that a password is checked against where there is no account."""
    return _HASHER.hash("mot de passe de personne")


def check_password(agent: Agent | None, password: str) -> bool:
    """Tell whether this is the agent's password, in the same time whether or not there is such an account."""
    is_usable = False
    expected_hash = ""
    if agent is not None and agent.disabled_at is None and len(password) <= MAX_PASSWORD_LENGTH:
        expected_hash = agent.password_hash
        is_usable = expected_hash != ""
    try:
        is_right = _HASHER.verify(
            expected_hash or _get_dummy_hash(), unicodedata.normalize("NFC", password[:MAX_PASSWORD_LENGTH])
        )
    except (VerificationError, InvalidHashError):
        return False
    return is_usable and is_right


def rehash_password(session: Session, agent: Agent, password: str) -> None:
    """Hash a password that was just checked again, when the cost of hashes has changed since."""
    if _HASHER.check_needs_rehash(agent.password_hash):
        agent.password_hash = _hash_password(password)
        session.add(agent)
