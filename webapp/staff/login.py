"""Signing in and out of the desk."""

from datetime import UTC, datetime

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from sqlmodel import select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import check_password, read_login, renew_hash
from domain.accounts.audit_trail import note
from domain.accounts.sessions import end_session, open_session
from domain.common.errors import Problem
from domain.db.engine import reading, writing
from domain.models.agent import Agent
from webapp.core.context import engine
from webapp.staff import oidc_views
from webapp.staff.auth import COOKIE, PATH, for_readers, give_cookie, present, refuse_foreign, way_on
from webapp.staff.rate_limit import asking_address, throttle

pages = Blueprint("sign_in", __name__, url_prefix=PATH)
_WRONG = "Identifiant ou mot de passe inconnu."


def _form(problem: str = "", status: int = 200) -> Response:
    login, way = request.form.get("login", "")[:64], way_on(request.values.get("suite", ""))
    facts = {"problem": problem, "login": login, "way": way, "by_provider": oidc_views.provider() is not None}
    shown = render_template("staff/login.html", at=datetime.now(UTC), **facts)
    return make_response(shown, status)


@pages.get("/connexion")
def form() -> AnyResponse:
    """The form; whoever is signed in goes on."""
    return redirect(way_on(request.args.get("suite", "")), 303) if present() else _form()


def _agent_of(login: str) -> Agent | None:
    try:
        known = read_login(login)
    except Problem:
        return None
    with reading(engine()) as session:
        return session.exec(select(Agent).where(Agent.login == known)).first()


@pages.post("/connexion")
def enter() -> AnyResponse:
    """Opens a session, or says only that login and password do not go together."""
    refuse_foreign()
    now = datetime.now(UTC)
    login, address = request.form.get("login", "").strip().lower()[:64], asking_address()
    if wait := throttle().admit(login, address, now):
        answer = _form(f"Trop d’essais : réessayez dans {wait} s.", 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    agent = _agent_of(login)
    password = request.form.get("password", "")
    token = _open(agent, password, address, now) if check_password(agent, password) and agent else None
    if token is None:
        with writing(engine()) as session:
            note(session, now, agent.id if agent else None, "sign-in-failed", detail={"address": address})
        return _form(_WRONG, 403)
    throttle().forgive(login, address)
    return _let_in(token)


def _open(agent: Agent, password: str, address: str, now: datetime) -> str | None:
    """The token of a new session; None when the account was shut or its password changed while this one was checked."""
    with writing(engine()) as session:
        known = session.get_one(Agent, agent.id, with_for_update=True)
        if known.disabled is not None or known.password_hash != agent.password_hash:
            return None
        renew_hash(session, known, password)
        note(session, now, known.id, "sign-in", detail={"address": address})
        return open_session(session, known, now)


def _let_in(token: str) -> AnyResponse:
    answer = redirect(way_on(request.form.get("suite", "")), 303)
    encrypted = request.is_secure or request.headers.get("Origin", "").startswith("https:")  # a proxy may hold the certificate
    give_cookie(answer, token, encrypted=encrypted)
    return answer


@pages.post("/deconnexion")
@for_readers
def leave(agent: Agent) -> AnyResponse:
    """Ends the session, and leads to the provider where it has one of its own to end."""
    now = datetime.now(UTC)
    with writing(engine()) as session:
        id_token = end_session(session, g.session_id, now)
        note(session, now, agent.id, "sign-out")
    answer: AnyResponse = redirect(url_for(".form"), 303)
    if out := oidc_views.way_out(id_token):
        # A page, not a redirection: `form-action` lets what a form posts lead nowhere else than here.
        answer = make_response(render_template("staff/onward.html", at=now, way=out, left=True))
    answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict")
    return answer
