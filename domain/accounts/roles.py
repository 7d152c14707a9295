"""Change the role of agents, disable and enable their accounts; sessions end with the rights that they were opened with."""

from datetime import datetime

from sqlmodel import Session, col, select

from domain.accounts.agents import log_account_event
from domain.accounts.sessions import end_sessions
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.models.agent import Agent


def change_role(session: Session, agent: Agent, role: Role, now: datetime, actor: Agent | None = None) -> None:
    """Set the role of an account and end its sessions.

    Raises UserError when it has that role already, or is the last administrator.
    """
    if agent.role is role:
        raise UserError(f"agent {agent.login} : ce rôle est déjà le sien")
    _require_other_admin(session, agent, actor)
    before = {"role": agent.role}
    agent.role = role
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "role-changed", agent, actor, before, {"role": role})


def disable_agent(session: Session, agent: Agent, now: datetime, actor: Agent | None = None) -> None:
    """Disable an account and end its sessions at once.

    Raises UserError when it is disabled already, or is the last administrator.
    """
    if agent.disabled_at is not None:
        raise UserError(f"agent {agent.login} : déjà désactivé")
    _require_other_admin(session, agent, actor)
    agent.disabled_at = now
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "account-disabled", agent, actor)


def enable_agent(session: Session, agent: Agent, now: datetime, actor: Agent | None = None) -> None:
    """Enable a disabled account as it was. Raises UserError when it is not disabled."""
    if agent.disabled_at is None:
        raise UserError(f"agent {agent.login} : déjà en service")
    agent.disabled_at = None
    session.add(agent)
    log_account_event(session, now, "account-enabled", agent, actor)


def _require_other_admin(session: Session, agent: Agent, actor: Agent | None) -> None:
    """Raise UserError when an agent acts on the last administrator; the command line, without actor, can create another."""
    if actor is None:
        return
    query = select(Agent.id).where(Agent.role == Role.ADMIN, col(Agent.disabled_at).is_(None))
    admin_ids = list(session.exec(query.order_by(col(Agent.id)).with_for_update()))
    if admin_ids == [agent.id]:
        raise UserError(f"agent {agent.login} : dernier administrateur en service, nommez-en un autre d'abord")
