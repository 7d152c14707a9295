"""Signing in and out of the desk."""

from datetime import UTC, datetime

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from sqlmodel import select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import check_password, parse_login, rehash_password
from domain.accounts.audit_trail import log_audit_event
from domain.accounts.sessions import end_session, open_session
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent
from webapp.core.context import get_engine
from webapp.staff import oidc_views
from webapp.staff.auth import (
    SESSION_COOKIE,
    STAFF_PREFIX,
    load_current_session,
    reject_cross_site,
    require_reader,
    resolve_next_url,
    set_session_cookie,
)
from webapp.staff.rate_limit import get_client_address, get_rate_limiter

bp = Blueprint("sign_in", __name__, url_prefix=STAFF_PREFIX)
_WRONG_CREDENTIALS = "Identifiant ou mot de passe inconnu."


def _render_form(problem: str = "", status: int = 200) -> Response:
    login, way = request.form.get("login", "")[:64], resolve_next_url(request.values.get("suite", ""))
    facts = {"problem": problem, "login": login, "way": way, "by_provider": oidc_views.get_provider() is not None}
    shown = render_template("staff/login.html", at=datetime.now(UTC), **facts)
    return make_response(shown, status)


@bp.get("/connexion")
def show_form() -> AnyResponse:
    """The form; whoever is signed in goes on."""
    return redirect(resolve_next_url(request.args.get("suite", "")), 303) if load_current_session() else _render_form()


def _find_agent(login: str) -> Agent | None:
    try:
        known = parse_login(login)
    except UserError:
        return None
    with read_session(get_engine()) as session:
        return session.exec(select(Agent).where(Agent.login == known)).first()


@bp.post("/connexion")
def create_session() -> AnyResponse:
    """Opens a session, or says only that login and password do not go together."""
    reject_cross_site()
    now = datetime.now(UTC)
    login, address = request.form.get("login", "").strip().lower()[:64], get_client_address()
    if wait := get_rate_limiter().register_attempt(login, address, now):
        answer = _render_form(f"Trop d’essais : réessayez dans {wait} s.", 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    agent = _find_agent(login)
    password = request.form.get("password", "")
    token = _open_agent_session(agent, password, address, now) if check_password(agent, password) and agent else None
    if token is None:
        with write_session(get_engine()) as session:
            log_audit_event(session, now, agent.id if agent else None, "sign-in-failed", detail={"address": address})
        return _render_form(_WRONG_CREDENTIALS, 403)
    get_rate_limiter().clear_attempts(login, address)
    return _redirect_signed_in(token)


def _open_agent_session(agent: Agent, password: str, address: str, now: datetime) -> str | None:
    """The token of a new session; None when the account was shut or its password changed while this one was checked."""
    with write_session(get_engine()) as session:
        known = session.get_one(Agent, agent.id, with_for_update=True)
        if known.disabled_at is not None or known.password_hash != agent.password_hash:
            return None
        rehash_password(session, known, password)
        log_audit_event(session, now, known.id, "sign-in", detail={"address": address})
        return open_session(session, known, now)


def _redirect_signed_in(token: str) -> AnyResponse:
    answer = redirect(resolve_next_url(request.form.get("suite", "")), 303)
    encrypted = request.is_secure or request.headers.get("Origin", "").startswith("https:")  # a proxy may hold the certificate
    set_session_cookie(answer, token, encrypted=encrypted)
    return answer


@bp.post("/deconnexion")
@require_reader
def sign_out(agent: Agent) -> AnyResponse:
    """Ends the session, and leads to the provider where it has one of its own to end."""
    now = datetime.now(UTC)
    with write_session(get_engine()) as session:
        id_token = end_session(session, g.session_id, now)
        log_audit_event(session, now, agent.id, "sign-out")
    answer: AnyResponse = redirect(url_for(".show_form"), 303)
    if out := oidc_views.get_logout_url(id_token):
        # A page, not a redirection: `form-action` lets what a form posts lead nowhere else than here.
        answer = make_response(render_template("staff/onward.html", at=now, way=out, left=True))
    answer.delete_cookie(SESSION_COOKIE, path=STAFF_PREFIX, httponly=True, samesite="Strict")
    return answer
