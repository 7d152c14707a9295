"""Decide who may sign in through the identity provider: by e-mail, by establishment where one is required, then by person."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from domain.accounts.agents import insert_agent, log_account_event
from domain.accounts.sessions import end_sessions
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.common.text import romanise_text
from domain.db.engine import lock_tables
from domain.models.agent import Agent

_EMAIL_PATTERN = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_MAX_EMAIL_LENGTH = 254
_MAX_ROOT_LENGTH = 56
_SIRET_DIGITS = 14


class SignInRefusal(StrEnum):
    """Name why somebody whom the provider identified may not sign in."""

    EMAIL = "email"
    DISABLED = "disabled"
    SIRET = "siret"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Identity:
    """Represent a person as the provider describes them; `subject` is its unique id of the person, of 300 characters at most."""

    subject: str
    email: str
    siret: str


def parse_email(text: str) -> str:
    """Return an e-mail address in lower case. Raises UserError when it is not one."""
    email = text.strip().lower()
    is_plain = email.isascii() and email.isprintable() and len(email) <= _MAX_EMAIL_LENGTH
    if not is_plain or not _EMAIL_PATTERN.fullmatch(email):
        raise UserError("adresse électronique attendue, sans accent : prenom.nom@organisme.fr")
    return email


def parse_siret(text: str) -> str | None:
    """Return fourteen digits without their spaces, None for an empty text. Raises UserError for anything else."""
    siret = "".join(text.split())
    if not siret:
        return None
    if len(siret) != _SIRET_DIGITS or not siret.isascii() or not siret.isdecimal():
        raise UserError("SIRET : quatorze chiffres attendus")
    return siret


def invite_agent(
    session: Session, email: str, name: str, role: Role, now: datetime, siret: str = "", actor: Agent | None = None
) -> Agent:
    """Create an account without a password, for the person with that e-mail at the provider.

    Raises UserError when the e-mail is taken or invalid, the name empty or the SIRET invalid.
    """
    lock_tables(session, Agent)
    free_email = _require_free_email(session, email, None)
    valid_siret = parse_siret(siret)
    login = _generate_login(session, free_email)
    agent = Agent(login=login, name=name, role=role, password_hash="", email=free_email, siret=valid_siret, created_at=now)
    return insert_agent(session, agent, actor)


def set_agent_identity(session: Session, agent: Agent, email: str, siret: str, now: datetime, actor: Agent | None = None) -> None:
    """Set the e-mail and the SIRET that open an account at the provider, an empty e-mail for none.

    The person who signed in before is forgotten, and the sessions end. Raises UserError when the e-mail is taken or invalid, or
    the SIRET invalid.
    """
    lock_tables(session, Agent)
    free_email = _require_free_email(session, email, agent) if email.strip() else None
    valid_siret = parse_siret(siret)
    before = {"email": agent.email, "siret": agent.siret}
    agent.email = free_email
    agent.siret = valid_siret
    agent.subject = None
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "account-allowed", agent, actor, before, {"email": free_email, "siret": valid_siret})


def authenticate_identity(session: Session, identity: Identity) -> tuple[Agent | None, SignInRefusal | None]:
    """Return the account of a person, if any, and why it does not open.

    The first person who signs in to an account is the only one who may from then on.
    """
    agent = session.exec(select(Agent).where(Agent.email == identity.email.strip().lower()).with_for_update()).first()
    if agent is None:
        return None, SignInRefusal.EMAIL
    if agent.disabled_at is not None:
        return agent, SignInRefusal.DISABLED
    if agent.siret and agent.siret != identity.siret:
        return agent, SignInRefusal.SIRET
    if agent.subject is None and not _is_known_subject(session, identity.subject):
        agent.subject = identity.subject
        session.add(agent)
    if agent.subject != identity.subject:
        return agent, SignInRefusal.SUBJECT
    return agent, None


def _is_known_subject(session: Session, subject: str) -> bool:
    return session.exec(select(Agent.id).where(Agent.subject == subject)).first() is not None


def _require_free_email(session: Session, text: str, agent: Agent | None) -> str:
    email = parse_email(text)
    owner = session.exec(select(Agent).where(Agent.email == email)).first()
    if owner is not None and (agent is None or owner.id != agent.id):
        raise UserError(f"l'adresse {email} est déjà celle du compte {owner.login}")
    return email


def _generate_login(session: Session, email: str) -> str:
    """Return the part of the e-mail before the @, with a number when that login is taken."""
    local_part = romanise_text(email.partition("@")[0])
    root = re.sub(r"[^a-z0-9._-]", "", local_part)[:_MAX_ROOT_LENGTH].strip("._-") or "agent"
    taken = set(session.exec(select(Agent.login).where(col(Agent.login).startswith(root, autoescape=True))))
    login = root
    suffix = 1
    while login in taken:
        suffix += 1
        login = f"{root}-{suffix}"
    return login
