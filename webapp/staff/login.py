"""Sign agents in by login and password, and sign them out."""

from datetime import UTC, datetime
from threading import BoundedSemaphore

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request, url_for
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
    STAFF_PREFIX,
    delete_session_cookie,
    get_current_user,
    require_reader,
    resolve_next_url,
    set_session_cookie,
)
from webapp.staff.csrf import reject_cross_site
from webapp.staff.rate_limit import get_client_address, get_rate_limiter

bp = Blueprint("sign_in", __name__, url_prefix=STAFF_PREFIX)
_MAX_LOGIN_LENGTH = 64
_MAX_PASSWORDS_AT_ONCE = 2
_SLOTS_KEY = "ouvoir.sign_in_slots"
_WRONG_CREDENTIALS = "Identifiant ou mot de passe inconnu."


def init_app(app: Flask) -> None:
    """Let the site check few passwords at a time: each takes 46 MiB of memory."""
    app.extensions[_SLOTS_KEY] = BoundedSemaphore(_MAX_PASSWORDS_AT_ONCE)


def _get_password_slots() -> BoundedSemaphore:
    slots: BoundedSemaphore = current_app.extensions[_SLOTS_KEY]
    return slots


@bp.get("/connexion")
def show_form() -> AnyResponse:
    """Show the sign-in form; send whoever is signed in already to the page they wanted."""
    if get_current_user():
        return redirect(resolve_next_url(request.args.get("suite", "")), 303)
    return _render_form()


def _render_form(problem: str = "", status: int = 200) -> Response:
    page = render_template(
        "staff/login.html",
        at=datetime.now(UTC),
        problem=problem,
        login=request.form.get("login", "")[:_MAX_LOGIN_LENGTH],
        next_url=resolve_next_url(request.values.get("suite", "")),
        has_provider=oidc_views.get_provider() is not None,
    )
    return make_response(page, status)


@bp.post("/connexion")
def create_session() -> AnyResponse:
    """Open a session, or say only that login and password do not go together."""
    reject_cross_site()
    now = datetime.now(UTC)
    login = request.form.get("login", "").strip().lower()[:_MAX_LOGIN_LENGTH]
    address = get_client_address()
    wait = get_rate_limiter().register_attempt(login, address, now)
    if wait:
        return _render_too_many_attempts(wait)
    token = _authenticate(login, request.form.get("password", ""), address, now)
    if token is None:
        return _render_form(_WRONG_CREDENTIALS, 403)
    get_rate_limiter().clear_attempts(login, address)
    return _redirect_signed_in(token)


def _render_too_many_attempts(wait: int) -> Response:
    response = _render_form(f"Trop d’essais : réessayez dans {wait} s.", 429)
    response.headers["Retry-After"] = str(wait)
    return response


def _authenticate(login: str, password: str, address: str, now: datetime) -> str | None:
    """Return the token of a new session, or None after a refusal, which the audit trail keeps."""
    agent = _find_agent(login)
    token = None
    # Checked without an account too, so that an unknown login takes as long to refuse as a wrong password.
    with _get_password_slots():
        is_right = check_password(agent, password)
    if is_right and agent is not None:
        token = _open_agent_session(agent, password, address, now)
    if token is None:
        with write_session(get_engine()) as session:
            log_audit_event(session, now, agent.id if agent else None, "sign-in-failed", detail={"address": address})
    return token


def _find_agent(login: str) -> Agent | None:
    try:
        valid_login = parse_login(login)
    except UserError:
        return None
    with read_session(get_engine()) as session:
        return session.exec(select(Agent).where(Agent.login == valid_login)).first()


def _open_agent_session(agent: Agent, password: str, address: str, now: datetime) -> str | None:
    """Return the token of a new session; None when the account or its password changed while this one was checked."""
    with write_session(get_engine()) as session:
        current = session.get_one(Agent, agent.id, with_for_update=True)
        if current.disabled_at is not None or current.password_hash != agent.password_hash:
            return None
        with _get_password_slots():
            rehash_password(session, current, password)
        log_audit_event(session, now, current.id, "sign-in", detail={"address": address})
        return open_session(session, current, now)


def _redirect_signed_in(token: str) -> AnyResponse:
    response = redirect(resolve_next_url(request.form.get("suite", "")), 303)
    # A proxy may hold the certificate: then the browser's Origin alone says https.
    is_encrypted = request.is_secure or request.headers.get("Origin", "").startswith("https:")
    set_session_cookie(response, token, is_encrypted=is_encrypted)
    return response


@bp.post("/deconnexion")
@require_reader
def sign_out(agent: Agent) -> AnyResponse:
    """End the session, and go on to the identity provider where it has a session of its own to end."""
    now = datetime.now(UTC)
    user = get_current_user()
    assert user is not None
    with write_session(get_engine()) as session:
        id_token = end_session(session, user.session_id, now)
        log_audit_event(session, now, agent.id, "sign-out")
    logout_url = oidc_views.get_logout_url(id_token)
    response: AnyResponse = redirect(url_for(".show_form"), 303)
    if logout_url:
        # A page, not a redirection: `form-action` lets what a form posts lead nowhere else than to this site.
        response = make_response(render_template("staff/onward.html", at=now, next_url=logout_url, is_sign_out=True))
    delete_session_cookie(response)
    return response
