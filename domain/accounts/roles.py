"""What an agent may do, changed by an administrator or at the command line; sessions end with the rights that opened them."""

from datetime import datetime

from sqlmodel import Session, col, select

from domain.accounts.agents import note_account
from domain.accounts.sessions import end_sessions
from domain.common.enums import Role
from domain.common.errors import Problem
from domain.models.agent import Agent


def change_role(session: Session, agent: Agent, role: Role, now: datetime, by: Agent | None = None) -> None:
    """Gives an account another role and ends its sessions. Raises Problem when it has it, or is the last administrator."""
    if agent.role is role:
        raise Problem(f"agent {agent.login} : ce rôle est déjà le sien")
    _keep_an_admin(session, agent, by)
    before, agent.role = agent.role, role
    session.add(agent)
    end_sessions(session, agent, now)
    note_account(session, now, "role-changed", agent, by, {"role": before}, {"role": role})


def disable_agent(session: Session, agent: Agent, now: datetime, by: Agent | None = None) -> None:
    """Shuts an account and ends its sessions at once. Raises Problem when it is shut already, or is the last administrator."""
    if agent.disabled is not None:
        raise Problem(f"agent {agent.login} : déjà désactivé")
    _keep_an_admin(session, agent, by)
    agent.disabled = now
    session.add(agent)
    end_sessions(session, agent, now)
    note_account(session, now, "account-disabled", agent, by)


def enable_agent(session: Session, agent: Agent, now: datetime, by: Agent | None = None) -> None:
    """Opens an account again, as it was. Raises Problem when it is not shut."""
    if agent.disabled is None:
        raise Problem(f"agent {agent.login} : déjà en service")
    agent.disabled = None
    session.add(agent)
    note_account(session, now, "account-enabled", agent, by)


def _keep_an_admin(session: Session, agent: Agent, by: Agent | None) -> None:
    """From a page, somebody must be left who can open that page; the command line can always make another."""
    if by is None:
        return
    admins = select(Agent.id).where(Agent.role == Role.ADMIN, col(Agent.disabled).is_(None))
    if list(session.exec(admins.order_by(col(Agent.id)).with_for_update())) == [agent.id]:
        raise Problem(f"agent {agent.login} : dernier administrateur en service, nommez-en un autre d'abord")
