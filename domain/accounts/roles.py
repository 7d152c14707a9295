"""What an agent may do, changed by an administrator or at the command line; sessions end with the rights that opened them."""

from datetime import datetime

from sqlmodel import Session, col, select

from domain.accounts.agents import log_account_event
from domain.accounts.sessions import end_sessions
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.models.agent import Agent


def change_role(session: Session, agent: Agent, role: Role, now: datetime, actor: Agent | None = None) -> None:
    """Gives an account another role and ends its sessions. Raises Problem when it has it, or is the last administrator."""
    if agent.role is role:
        raise UserError(f"agent {agent.login} : ce rôle est déjà le sien")
    _require_other_admin(session, agent, actor)
    before, agent.role = agent.role, role
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "role-changed", agent, actor, {"role": before}, {"role": role})


def disable_agent(session: Session, agent: Agent, now: datetime, actor: Agent | None = None) -> None:
    """Shuts an account and ends its sessions at once. Raises Problem when it is shut already, or is the last administrator."""
    if agent.disabled_at is not None:
        raise UserError(f"agent {agent.login} : déjà désactivé")
    _require_other_admin(session, agent, actor)
    agent.disabled_at = now
    session.add(agent)
    end_sessions(session, agent, now)
    log_account_event(session, now, "account-disabled", agent, actor)


def enable_agent(session: Session, agent: Agent, now: datetime, actor: Agent | None = None) -> None:
    """Opens an account again, as it was. Raises Problem when it is not shut."""
    if agent.disabled_at is None:
        raise UserError(f"agent {agent.login} : déjà en service")
    agent.disabled_at = None
    session.add(agent)
    log_account_event(session, now, "account-enabled", agent, actor)


def _require_other_admin(session: Session, agent: Agent, actor: Agent | None) -> None:
    """From a page, somebody must be left who can open that page; the command line can always make another."""
    if actor is None:
        return
    admins = select(Agent.id).where(Agent.role == Role.ADMIN, col(Agent.disabled_at).is_(None))
    if list(session.exec(admins.order_by(col(Agent.id)).with_for_update())) == [agent.id]:
        raise UserError(f"agent {agent.login} : dernier administrateur en service, nommez-en un autre d'abord")
