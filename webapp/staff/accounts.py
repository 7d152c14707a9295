"""The accounts of agents, for administrators: who may come in, what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import list_agents
from domain.accounts.allow_list import invite_agent, set_agent_identity
from domain.accounts.roles import change_role, disable_agent, enable_agent
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from webapp.core.context import FILM_ID_CONVERTER as NUMBER
from webapp.core.context import format_problem, get_engine, open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_admin
from webapp.staff.labels import ROLES

bp = Blueprint("accounts", __name__, url_prefix=f"{STAFF_PREFIX}/comptes")
_AccountChange = Callable[[Session, Agent], None]


def _read_role() -> Role:
    """The role chosen in the form. Raises Problem when there is none."""
    chosen = request.form.get("role", "")
    if chosen not in list(Role):
        raise UserError("choisissez un rôle")
    return Role(chosen)


def _render_accounts(agent: Agent, problem: str = "", status: int = 200) -> Response:
    with open_db_session() as db:
        accounts = list_agents(db)
    told = {"at": datetime.now(UTC), "agent": agent, "accounts": accounts, "problem": problem, "typed": request.form}
    return make_response(render_template("staff/accounts.html", roles=ROLES, **told), status)


def _render_account(agent: Agent, number: int, problem: str = "", status: int = 200) -> Response:
    with open_db_session() as db:
        account = db.get(Agent, number) or abort(404)
    told = {"at": datetime.now(UTC), "agent": agent, "account": account, "problem": problem}
    return make_response(render_template("staff/account.html", roles=ROLES, **told), status)


@bp.get("")
@require_admin
def list_accounts(agent: Agent) -> Response:
    """Every account, and the form that opens one."""
    return _render_accounts(agent)


@bp.post("")
@require_admin
def create_account(agent: Agent) -> AnyResponse:
    """Opens an account without password, to an e-mail that the provider knows."""
    typed = {name: request.form.get(name, "") for name in ("email", "name", "siret")}
    try:
        with write_session(get_engine()) as db:
            invite_agent(db, typed["email"], typed["name"], _read_role(), datetime.now(UTC), typed["siret"], agent)
    except UserError as problem:
        return _render_accounts(agent, format_problem(problem), 409)
    return redirect(url_for(".list_accounts"), 303)


@bp.get(f"/<{NUMBER}:number>")
@require_admin
def show_account(agent: Agent, number: int) -> Response:
    """An account, and what may be changed of it."""
    return _render_account(agent, number)


def _apply_change(agent: Agent, number: int, change: _AccountChange) -> AnyResponse:
    """Changes an account, and shows it as it became; the same page says why when it cannot be."""
    try:
        with write_session(get_engine()) as db:
            change(db, db.get(Agent, number, with_for_update=True) or abort(404))
    except UserError as problem:
        return _render_account(agent, number, format_problem(problem), 409)
    return redirect(url_for(".show_account", number=number), 303)


@bp.post(f"/<{NUMBER}:number>/role")
@require_admin
def set_account_role(agent: Agent, number: int) -> AnyResponse:
    """Gives an account another role."""
    return _apply_change(agent, number, lambda db, account: change_role(db, account, _read_role(), datetime.now(UTC), agent))


@bp.post(f"/<{NUMBER}:number>/acces")
@require_admin
def set_account_access(agent: Agent, number: int) -> AnyResponse:
    """Says by which e-mail and SIRET an account is entered at the provider."""
    email, siret = request.form.get("email", ""), request.form.get("siret", "")
    return _apply_change(
        agent, number, lambda db, account: set_agent_identity(db, account, email, siret, datetime.now(UTC), agent)
    )


@bp.post(f"/<{NUMBER}:number>/service")
@require_admin
def set_account_status(agent: Agent, number: int) -> AnyResponse:
    """Shuts an account, or opens it again."""
    act = disable_agent if request.form.get("service") == "non" else enable_agent
    return _apply_change(agent, number, lambda db, account: act(db, account, datetime.now(UTC), agent))
