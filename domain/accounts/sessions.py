"""Sessions of agents: a token of 256 bits in the browser, its SHA-256 here, an end whatever happens."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.models.agent import Agent, AgentSession

IDLE_TIMEOUT = timedelta(minutes=30)
"""A session that nobody uses ends: a lunch break on an open desk is too long."""
MAX_SESSION_AGE = timedelta(hours=12)
"""However used, a session ends with the working day."""
_LAST_SEEN_PRECISION = timedelta(minutes=1)


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, agent: Agent, now: datetime, id_token: str | None = None) -> str:
    """A new session; its token, never to be read again. `id_token` is the identity provider's, which its own end asks for."""
    token = secrets.token_urlsafe(32)
    assert agent.id is not None
    past = (col(AgentSession.agent_id) == agent.id) & (col(AgentSession.created_at) <= now - MAX_SESSION_AGE)
    session.exec(update(AgentSession).where(past).values(id_token=None))  # nothing of it serves once the session is over
    session.add(AgentSession(agent_id=agent.id, sha256=_hash_token(token), created_at=now, last_seen=now, id_token=id_token))
    session.flush()
    return token


def find_session(session: Session, token: str, now: datetime) -> tuple[Agent, AgentSession] | None:
    """The agent that a token stands for; None when it was never given, has ended or expired, or the account is disabled."""
    asked = select(Agent, AgentSession).join(AgentSession).where(AgentSession.sha256 == _hash_token(token))
    asked = asked.where(col(AgentSession.ended_at).is_(None), col(Agent.disabled_at).is_(None))
    found = session.exec(
        asked.where(col(AgentSession.last_seen) > now - IDLE_TIMEOUT, col(AgentSession.created_at) > now - MAX_SESSION_AGE)
    ).first()
    return (found[0], found[1]) if found else None


def is_last_seen_stale(agent_session: AgentSession, now: datetime) -> bool:
    """Whether the last use noted is old enough to be written anew."""
    return now - agent_session.last_seen > _LAST_SEEN_PRECISION


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Keeps the moment of a use, to a minute."""
    session.exec(update(AgentSession).where(col(AgentSession.id) == session_id).values(last_seen=now))


def end_session(session: Session, session_id: int, now: datetime) -> str | None:
    """Signs out of one session; what the identity provider asks for to end its own, which is kept no longer."""
    ending = session.get_one(AgentSession, session_id)
    id_token, ending.id_token, ending.ended_at = ending.id_token, None, now
    session.add(ending)
    return id_token


def end_sessions(session: Session, agent: Agent, now: datetime) -> None:
    """Ends every session of an agent."""
    living = (col(AgentSession.agent_id) == agent.id) & col(AgentSession.ended_at).is_(None)
    session.exec(update(AgentSession).where(living).values(ended_at=now, id_token=None))
