"""Who may come in through the identity provider: an e-mail, an establishment where one is asked, the person who came first."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from domain.accounts.agents import note_account, open_account
from domain.accounts.sessions import end_sessions
from domain.common.enums import Role
from domain.common.errors import Problem
from domain.common.text import romanise
from domain.db.engine import keep_others_out
from domain.models.agent import Agent

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_LONGEST_EMAIL, _SIRET_DIGITS = 254, 14


class Refused(StrEnum):
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


def read_email(text: str) -> str:
    """An e-mail in its one form: small letters. Raises Problem when it cannot be one."""
    email = text.strip().lower()
    if not (_EMAIL.fullmatch(email) and email.isascii() and email.isprintable() and len(email) <= _LONGEST_EMAIL):
        raise Problem("adresse électronique attendue, sans accent : prenom.nom@organisme.fr")
    return email


def read_siret(text: str) -> str | None:
    """Fourteen digits, spaces aside; None for an empty text. Raises Problem when it is neither."""
    siret = "".join(text.split())
    if siret and not (len(siret) == _SIRET_DIGITS and siret.isascii() and siret.isdecimal()):
        raise Problem("SIRET : quatorze chiffres attendus")
    return siret or None


def invite_agent(
    session: Session, email: str, name: str, role: Role, now: datetime, siret: str = "", by: Agent | None = None
) -> Agent:
    """A new account without password, which opens to that e-mail at the provider.

    Raises Problem when the e-mail is taken or impossible, the name empty or the SIRET wrong.
    """
    keep_others_out(session, Agent)
    known, place = _free_email(session, email, None), read_siret(siret)
    login = _free_login(session, known)
    made = Agent(login=login, name=name, role=role, password_hash="", email=known, siret=place, created=now)
    return open_account(session, made, by)


def allow_agent(session: Session, agent: Agent, email: str, siret: str, now: datetime, by: Agent | None = None) -> None:
    """Says by which e-mail and SIRET an account is entered, none for never; whoever came before is forgotten, sessions end.

    Raises Problem when the e-mail is taken or impossible, or the SIRET wrong.
    """
    keep_others_out(session, Agent)
    known, place = _free_email(session, email, agent) if email.strip() else None, read_siret(siret)
    before = {"email": agent.email, "siret": agent.siret}
    agent.email, agent.siret, agent.subject = known, place, None
    session.add(agent)
    end_sessions(session, agent, now)
    note_account(session, now, "account-allowed", agent, by, before, {"email": known, "siret": place})


def welcome(session: Session, seen: Identity) -> tuple[Agent | None, Refused | None]:
    """Whose account it is, if any, and why it does not open; the first to come to an account is the only one after."""
    agent = session.exec(select(Agent).where(Agent.email == seen.email.strip().lower()).with_for_update()).first()
    if agent is None:
        return None, Refused.EMAIL
    if agent.disabled is not None:
        return agent, Refused.DISABLED
    if agent.siret and agent.siret != seen.siret:
        return agent, Refused.SIRET
    if agent.subject is None and session.exec(select(Agent.id).where(Agent.subject == seen.subject)).first() is None:
        agent.subject = seen.subject
        session.add(agent)
    return agent, None if agent.subject == seen.subject else Refused.SUBJECT


def _free_email(session: Session, text: str, agent: Agent | None) -> str:
    email = read_email(text)
    found = session.exec(select(Agent).where(Agent.email == email)).first()
    if found is not None and (agent is None or found.id != agent.id):
        raise Problem(f"l'adresse {email} est déjà celle du compte {found.login}")
    return email


def _free_login(session: Session, email: str) -> str:
    """What stands before the @, and a number where somebody has it already."""
    root = re.sub(r"[^a-z0-9._-]", "", romanise(email.partition("@")[0]))[:56].strip("._-") or "agent"
    taken = set(session.exec(select(Agent.login).where(col(Agent.login).startswith(root, autoescape=True))))
    return next(
        login for number in range(1, len(taken) + 2) if (login := root if number == 1 else f"{root}-{number}") not in taken
    )
