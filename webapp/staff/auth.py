"""Authenticate agents with Flask-Login over our own sessions, and let each view say which role it takes."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import unquote

from flask import Flask, Request, Response, redirect, request, url_for
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, current_user, login_required
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.sessions import find_session, is_last_seen_stale, touch_session
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from webapp.core.context import get_engine, open_db_session
from webapp.staff.csrf import CSRF_FIELD, SESSION_USER_KEY, ForbiddenError, check_csrf, derive_csrf_secret

SESSION_COOKIE = "ouvoir_agent"
STAFF_PREFIX = "/agents"
_Params = ParamSpec("_Params")
_View = Callable[Concatenate[Agent, _Params], AnyResponse]


class StaffSession(dict[str, Any], SessionMixin):
    """Hold what Flask-Login and Flask-WTF read of a session: the token of the cookie, and the secret of its forms."""


class StaffSessionInterface(SessionInterface):
    """Open Flask's session from the agent's cookie, on staff pages only.

    Nothing is ever written back: the cookie is set at sign-in, the session itself is a row of the database, and the
    public has neither.
    """

    def open_session(self, app: Flask, request: Request) -> StaffSession | None:
        """Return the session of the cookie, whose token is not checked yet; None where there is no cookie to read."""
        token = request.cookies.get(SESSION_COOKIE)
        if not token or not request.path.startswith(f"{STAFF_PREFIX}/"):
            return None
        return StaffSession({SESSION_USER_KEY: token, CSRF_FIELD: derive_csrf_secret(token)})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write no cookie."""


@dataclass(frozen=True, slots=True)
class StaffUser:
    """Represent the agent behind a request, as Flask-Login expects a user, and the session that they came with."""

    agent: Agent
    session_id: int
    is_authenticated = is_active = True
    is_anonymous = False


def init_app(app: Flask) -> None:
    """Connect Flask-Login to our sessions, without the cookies that it could set itself."""
    app.session_interface = StaffSessionInterface()
    app.config["REMEMBER_COOKIE_NAME"] = ""  # no cookie has an empty name: "remember me" is never read
    manager = LoginManager()
    manager.session_protection = None  # it would write in the session, which is read only
    manager.user_loader(load_user)
    manager.unauthorized_handler(redirect_to_sign_in)
    manager.init_app(app, add_context_processor=False)


def load_user(token: str) -> StaffUser | None:
    """Return the agent whom a session's token stands for, None for a token that is no good; note that it was used."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        match = find_session(db, token, now)
    if match is None:
        return None
    agent, agent_session = match
    assert agent_session.id is not None
    if is_last_seen_stale(agent_session, now):
        with suppress(UserError), write_session(get_engine()) as db:  # a busy database is no reason to turn an agent away
            touch_session(db, agent_session.id, now)
    return StaffUser(agent, agent_session.id)


def get_current_user() -> StaffUser | None:
    """Return who makes the request, read once; None when nobody is signed in."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def set_session_cookie(response: AnyResponse, token: str, *, is_encrypted: bool) -> None:
    """Give a browser its session, for staff pages alone; it never travels with what another site sends."""
    response.set_cookie(SESSION_COOKIE, token, path=STAFF_PREFIX, secure=is_encrypted, httponly=True, samesite="Strict")


def delete_session_cookie(response: AnyResponse) -> None:
    """Take the session's token back from a browser."""
    response.delete_cookie(SESSION_COOKIE, path=STAFF_PREFIX, httponly=True, samesite="Strict")


def resolve_next_url(next_url: str) -> str:
    """Return the page to show once signed in: the address given if it is a staff page, otherwise the dashboard."""
    home = url_for("dashboard.show_dashboard")
    path = unquote(next_url.partition("?")[0])
    *folders, page = path.removeprefix(home).split("/")
    is_staff_page = path.startswith(home) and not {"", ".", ".."} & set(folders) and page not in (".", "..")
    is_plain = next_url.isascii() and next_url.isprintable() and not set(path) & set("\\% ")
    is_sign_in = path.startswith(url_for("sign_in.show_form")) or path == url_for("sign_in.sign_out")
    if is_staff_page and is_plain and not is_sign_in:
        return next_url
    return home


def redirect_to_sign_in() -> AnyResponse:
    """Redirect to the sign-in form, which remembers the page that was read; what was posted is not sent twice."""
    next_url = None
    if request.method in ("GET", "HEAD"):
        next_url = resolve_next_url(request.full_path.rstrip("?"))
    if next_url == url_for("dashboard.show_dashboard"):
        next_url = None  # where the form leads anyway
    return redirect(url_for("sign_in.show_form", suite=next_url), 303)


def has_role(agent: Agent, minimum: Role) -> bool:
    """Return whether an agent's role gives them the rights of another."""
    ranks = list(Role)
    return ranks.index(agent.role) >= ranks.index(minimum)


def require_role(minimum: Role) -> Callable[[_View[_Params]], Callable[_Params, AnyResponse]]:
    """Decorate a view that takes the signed-in agent as its first argument.

    Whoever is not signed in is sent to the form; a lesser role, and a form that is not of the session, are refused (403).
    """

    def decorate(view: _View[_Params]) -> Callable[_Params, AnyResponse]:
        @wraps(view)
        def guarded(*args: _Params.args, **kwargs: _Params.kwargs) -> AnyResponse:
            user = get_current_user()
            assert user is not None
            if not has_role(user.agent, minimum):
                raise ForbiddenError(
                    "Votre compte ne permet pas cette action : demandez-la à un gestionnaire ou à un administrateur."
                )
            if request.method == "POST":
                check_csrf()
            return view(user.agent, *args, **kwargs)

        protected: Callable[_Params, AnyResponse] = login_required(guarded)
        return protected

    return decorate


def require_reader(view: _View[_Params]) -> Callable[_Params, AnyResponse]:
    """Decorate a view that every agent may use."""
    return require_role(Role.READER)(view)


def require_manager(view: _View[_Params]) -> Callable[_Params, AnyResponse]:
    """Decorate a view that changes data, or that keeps a review case from other agents."""
    return require_role(Role.MANAGER)(view)


def require_admin(view: _View[_Params]) -> Callable[_Params, AnyResponse]:
    """Decorate a view that manages accounts."""
    return require_role(Role.ADMIN)(view)
