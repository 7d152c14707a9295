"""Who may come in through the identity provider: an e-mail, an establishment where one is asked, the person who came first."""

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
_MAX_EMAIL_LENGTH, _SIRET_DIGITS = 254, 14


class SignInRefusal(StrEnum):
    """Why somebody whom the provider knows does not come in."""

    EMAIL = "email"
    DISABLED = "disabled"
    SIRET = "siret"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is; `subject` is theirs alone among all, 300 characters at most."""

    subject: str
    email: str
    siret: str


def parse_email(text: str) -> str:
    """An e-mail in its one form: small letters. Raises Problem when it cannot be one."""
    email = text.strip().lower()
    if not (_EMAIL_PATTERN.fullmatch(email) and email.isascii() and email.isprintable() and len(email) <= _MAX_EMAIL_LENGTH):
        raise UserError("adresse électronique attendue, sans accent : prenom.nom@organisme.fr")
    return email


def parse_siret(text: str) -> str | None:
    """Fourteen digits, spaces aside; None for an empty text. Raises Problem when it is neither."""
    siret = "".join(text.split())
    if siret and not (len(siret) == _SIRET_DIGITS and siret.isascii() and siret.isdecimal()):
        raise UserError("SIRET : quatorze chiffres attendus")
    return siret or None


def invite_agent(
    session: Session, email: str, name: str, role: Role, now: datetime, siret: str = "", actor: Agent | None = None
) -> Agent:
    """A new account without password, which opens to that e-mail at the provider.

    Raises Problem when the e-mail is taken or impossible, the name empty or the SIRET wrong.
    """
    lock_tables(session, Agent)
    known, place = _require_free_email(session, email, None), parse_siret(siret)
    login = _generate_login(session, known)
    made = Agent(login=login, name=name, role=role, password_hash="", email=known, siret=place, created_at=now)
    return insert_agent(session, made, actor)


def set_agent_identity(session: Session, agent: Agent, email: str, siret: str, now: datetime, actor: Agent | None = None) -> None:
    """Says by which e-mail and SIRET an account is entered, none for never; whoever came before is forgotten, sessions end.

    Raises Problem when the e-mail is taken or impossible, or the SIRET wrong.
    """
    lock_tables(session, Agent)
    known, place = _require_free_email(session, email, agent) if email.strip() else None, parse_siret(siret)
    before = {"email": agent.email, "siret": agent.siret}
    agent.email, agent.siret, agent.subject = known, place, None
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "account-allowed", agent, actor, before, {"email": known, "siret": place})


def authenticate_identity(session: Session, identity: Identity) -> tuple[Agent | None, SignInRefusal | None]:
    """Whose account it is, if any, and why it does not open; the first to come to an account is the only one after."""
    agent = session.exec(select(Agent).where(Agent.email == identity.email.strip().lower()).with_for_update()).first()
    if agent is None:
        return None, SignInRefusal.EMAIL
    if agent.disabled_at is not None:
        return agent, SignInRefusal.DISABLED
    if agent.siret and agent.siret != identity.siret:
        return agent, SignInRefusal.SIRET
    if agent.subject is None and session.exec(select(Agent.id).where(Agent.subject == identity.subject)).first() is None:
        agent.subject = identity.subject
        session.add(agent)
    return agent, None if agent.subject == identity.subject else SignInRefusal.SUBJECT


def _require_free_email(session: Session, text: str, agent: Agent | None) -> str:
    email = parse_email(text)
    found = session.exec(select(Agent).where(Agent.email == email)).first()
    if found is not None and (agent is None or found.id != agent.id):
        raise UserError(f"l'adresse {email} est déjà celle du compte {found.login}")
    return email


def _generate_login(session: Session, email: str) -> str:
    """What stands before the @, and a number where somebody has it already."""
    root = re.sub(r"[^a-z0-9._-]", "", romanise_text(email.partition("@")[0]))[:56].strip("._-") or "agent"
    taken = set(session.exec(select(Agent.login).where(col(Agent.login).startswith(root, autoescape=True))))
    return next(
        login for number in range(1, len(taken) + 2) if (login := root if number == 1 else f"{root}-{number}") not in taken
    )
