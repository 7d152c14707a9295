"""The accounts of agents, for administrators: who may come in, what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import list_agents
from domain.accounts.allow_list import allow_agent, invite_agent
from domain.accounts.roles import change_role, disable_agent, enable_agent
from domain.common.enums import Role
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import Agent
from webapp.core.context import FILM_ID as NUMBER
from webapp.core.context import engine, session, tell_problem
from webapp.staff.auth import PATH, for_admins
from webapp.staff.labels import ROLES

pages = Blueprint("accounts", __name__, url_prefix=f"{PATH}/comptes")
_Change = Callable[[Session, Agent], None]


def _role() -> Role:
    """The role chosen in the form. Raises Problem when there is none."""
    chosen = request.form.get("role", "")
    if chosen not in list(Role):
        raise Problem("choisissez un rôle")
    return Role(chosen)


def _list(agent: Agent, problem: str = "", status: int = 200) -> Response:
    with session() as db:
        accounts = list_agents(db)
    told = {"at": datetime.now(UTC), "agent": agent, "accounts": accounts, "problem": problem, "typed": request.form}
    return make_response(render_template("staff/accounts.html", roles=ROLES, **told), status)


def _one(agent: Agent, number: int, problem: str = "", status: int = 200) -> Response:
    with session() as db:
        account = db.get(Agent, number) or abort(404)
    told = {"at": datetime.now(UTC), "agent": agent, "account": account, "problem": problem}
    return make_response(render_template("staff/account.html", roles=ROLES, **told), status)


@pages.get("")
@for_admins
def all_of_them(agent: Agent) -> Response:
    """Every account, and the form that opens one."""
    return _list(agent)


@pages.post("")
@for_admins
def invite(agent: Agent) -> AnyResponse:
    """Opens an account without password, to an e-mail that the provider knows."""
    typed = {name: request.form.get(name, "") for name in ("email", "name", "siret")}
    try:
        with writing(engine()) as db:
            invite_agent(db, typed["email"], typed["name"], _role(), datetime.now(UTC), typed["siret"], agent)
    except Problem as problem:
        return _list(agent, tell_problem(problem), 409)
    return redirect(url_for(".all_of_them"), 303)


@pages.get(f"/<{NUMBER}:number>")
@for_admins
def one(agent: Agent, number: int) -> Response:
    """An account, and what may be changed of it."""
    return _one(agent, number)


def _change(agent: Agent, number: int, change: _Change) -> AnyResponse:
    """Changes an account, and shows it as it became; the same page says why when it cannot be."""
    try:
        with writing(engine()) as db:
            change(db, db.get(Agent, number, with_for_update=True) or abort(404))
    except Problem as problem:
        return _one(agent, number, tell_problem(problem), 409)
    return redirect(url_for(".one", number=number), 303)


@pages.post(f"/<{NUMBER}:number>/role")
@for_admins
def give_role(agent: Agent, number: int) -> AnyResponse:
    """Gives an account another role."""
    return _change(agent, number, lambda db, account: change_role(db, account, _role(), datetime.now(UTC), agent))


@pages.post(f"/<{NUMBER}:number>/acces")
@for_admins
def allow(agent: Agent, number: int) -> AnyResponse:
    """Says by which e-mail and SIRET an account is entered at the provider."""
    email, siret = request.form.get("email", ""), request.form.get("siret", "")
    return _change(agent, number, lambda db, account: allow_agent(db, account, email, siret, datetime.now(UTC), agent))


@pages.post(f"/<{NUMBER}:number>/service")
@for_admins
def put_in_service(agent: Agent, number: int) -> AnyResponse:
    """Shuts an account, or opens it again."""
    act = disable_agent if request.form.get("service") == "non" else enable_agent
    return _change(agent, number, lambda db, account: act(db, account, datetime.now(UTC), agent))
