"""Open, find and end the sessions of agents: a 256-bit token in the browser, its SHA-256 in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.models.agent import Agent, AgentSession
from domain.models.columns import get_id

IDLE_TIMEOUT = timedelta(minutes=30)
"""A session that is not used for so long ends: an unattended screen during a lunch break is too long."""
MAX_SESSION_AGE = timedelta(hours=12)
"""A session ends with the working day, however it is used."""
_LAST_SEEN_PRECISION = timedelta(minutes=1)


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, agent: Agent, now: datetime, id_token: str | None = None) -> str:
    """Open a session and return its token, which is not stored.

    `id_token` is the identity provider's, needed to end the session there; those of expired sessions are deleted on the way.
    """
    token = secrets.token_urlsafe(32)
    agent_id = get_id(agent)
    is_expired = (col(AgentSession.agent_id) == agent_id) & (col(AgentSession.created_at) <= now - MAX_SESSION_AGE)
    session.exec(update(AgentSession).where(is_expired).values(id_token=None))
    session.add(AgentSession(agent_id=agent_id, sha256=_hash_token(token), created_at=now, last_seen=now, id_token=id_token))
    session.flush()
    return token


def find_session(session: Session, token: str, now: datetime) -> tuple[Agent, AgentSession] | None:
    """Return the agent and the session of a token; None when it is unknown or expired, or the account disabled."""
    query = select(Agent, AgentSession).join(AgentSession).where(AgentSession.sha256 == _hash_token(token))
    query = query.where(col(AgentSession.ended_at).is_(None), col(Agent.disabled_at).is_(None))
    query = query.where(col(AgentSession.last_seen) > now - IDLE_TIMEOUT)
    row = session.exec(query.where(col(AgentSession.created_at) > now - MAX_SESSION_AGE)).first()
    return (row[0], row[1]) if row else None


def is_last_seen_stale(agent_session: AgentSession, now: datetime) -> bool:
    """Tell whether the stored last use is old enough to be updated."""
    return now - agent_session.last_seen > _LAST_SEEN_PRECISION


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Store the moment of the last use."""
    session.exec(update(AgentSession).where(col(AgentSession.id) == session_id).values(last_seen=now))


def end_session(session: Session, session_id: int, now: datetime) -> str | None:
    """End a session. Returns the identity provider's token, needed to end the session there and deleted here."""
    agent_session = session.get_one(AgentSession, session_id)
    id_token = agent_session.id_token
    agent_session.id_token = None
    agent_session.ended_at = now
    session.add(agent_session)
    return id_token


def end_sessions(session: Session, agent: Agent, now: datetime) -> None:
    """End every session of an agent."""
    is_open = (col(AgentSession.agent_id) == agent.id) & col(AgentSession.ended_at).is_(None)
    session.exec(update(AgentSession).where(is_open).values(ended_at=now, id_token=None))
