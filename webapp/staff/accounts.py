"""Manage the accounts of agents, for administrators: who may sign in, and what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import list_agents
from domain.accounts.allow_list import invite_agent, set_agent_identity
from domain.accounts.roles import change_role, disable_agent, enable_agent
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import format_problem, get_engine, open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_admin
from webapp.staff.labels import ROLES
from webapp.staff.pages import render_staff_page

bp = Blueprint("accounts", __name__, url_prefix=f"{STAFF_PREFIX}/comptes")
AccountChange = Callable[[Session, Agent, datetime], None]


@bp.get("")
@require_admin
def list_accounts(agent: Agent) -> Response:
    """List every account, with the form that opens one."""
    return _render_accounts(agent)


def _render_accounts(agent: Agent, problem: str = "") -> Response:
    with open_db_session() as db:
        accounts = list_agents(db)
    context = {"accounts": accounts, "roles": ROLES, "problem": problem, "typed": request.form}
    return render_staff_page("staff/accounts.html", agent, context)


@bp.post("")
@require_admin
def create_account(agent: Agent) -> AnyResponse:
    """Open an account without password, for an e-mail that the identity provider knows."""
    email = request.form.get("email", "")
    name = request.form.get("name", "")
    siret = request.form.get("siret", "")
    try:
        with write_session(get_engine()) as db:
            invite_agent(db, email, name, _read_role(), datetime.now(UTC), siret, agent)
    except UserError as error:
        return _render_accounts(agent, format_problem(error))
    return redirect(url_for(".list_accounts"), 303)


def _read_role() -> Role:
    """Return the role chosen in the form. Raises UserError when there is none."""
    role = request.form.get("role", "")
    if role not in list(Role):
        raise UserError("choisissez un rôle")
    return Role(role)


@bp.get(f"/<{ID_CONVERTER}:account_id>")
@require_admin
def show_account(agent: Agent, account_id: int) -> Response:
    """Show an account, with the forms that change it."""
    return _render_account(agent, account_id)


def _render_account(agent: Agent, account_id: int, problem: str = "") -> Response:
    with open_db_session() as db:
        account = db.get(Agent, account_id) or abort(404)
    context = {"account": account, "roles": ROLES, "problem": problem}
    return render_staff_page("staff/account.html", agent, context)


@bp.post(f"/<{ID_CONVERTER}:account_id>/role")
@require_admin
def set_account_role(agent: Agent, account_id: int) -> AnyResponse:
    """Give an account another role."""

    def change(db: Session, account: Agent, now: datetime) -> None:
        change_role(db, account, _read_role(), now, agent)

    return _apply_change(agent, account_id, change)


@bp.post(f"/<{ID_CONVERTER}:account_id>/acces")
@require_admin
def set_account_access(agent: Agent, account_id: int) -> AnyResponse:
    """Set the e-mail and the SIRET by which an account is recognised at the identity provider."""
    email = request.form.get("email", "")
    siret = request.form.get("siret", "")

    def change(db: Session, account: Agent, now: datetime) -> None:
        set_agent_identity(db, account, email, siret, now, agent)

    return _apply_change(agent, account_id, change)


@bp.post(f"/<{ID_CONVERTER}:account_id>/service")
@require_admin
def set_account_status(agent: Agent, account_id: int) -> AnyResponse:
    """Disable an account (`service=non`), or enable it again."""
    set_status = disable_agent if request.form.get("service") == "non" else enable_agent

    def change(db: Session, account: Agent, now: datetime) -> None:
        set_status(db, account, now, agent)

    return _apply_change(agent, account_id, change)


def _apply_change(agent: Agent, account_id: int, change: AccountChange) -> AnyResponse:
    """Change an account and show it; the same page says why when it cannot be changed."""
    try:
        with write_session(get_engine()) as db:
            account = db.get(Agent, account_id, with_for_update=True) or abort(404)
            change(db, account, datetime.now(UTC))
    except UserError as error:
        return _render_account(agent, account_id, format_problem(error))
    return redirect(url_for(".show_account", account_id=account_id), 303)
