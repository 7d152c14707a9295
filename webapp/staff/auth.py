"""The door of the desk: who is there, and whether what is posted comes from our own pages."""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import unquote, urlsplit

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.sessions import find_session, is_last_seen_stale, touch_session
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent, AgentSession
from webapp.core.context import RequestError, get_engine, open_db_session

SESSION_COOKIE = "ouvoir_agent"
STAFF_PREFIX = "/agents"
_Rest = ParamSpec("_Rest")
_View = Callable[Concatenate[Agent, _Rest], AnyResponse]


class Forbidden(RequestError):
    """A form that does not come from our own page."""

    code = 403


def set_session_cookie(answer: AnyResponse, token: str, *, encrypted: bool) -> None:
    """Lets a browser in, for the desk alone; nothing of it travels with what another site sends."""
    answer.set_cookie(SESSION_COOKIE, token, path=STAFF_PREFIX, secure=encrypted, httponly=True, samesite="Strict")


def csrf_token() -> str:
    """What a form must bring back: drawn from the session's token, which only this browser and we know."""
    return _sign_csrf(request.cookies.get(SESSION_COOKIE, ""))


def _sign_csrf(token: str) -> str:
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def reject_cross_site() -> None:
    """Refuses what another site makes a browser post. Raises Forbidden."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin") or (origin is not None and urlsplit(origin).netloc != request.host):
        raise Forbidden("Cet envoi vient d’un autre site : il n’a pas été pris en compte.")


def load_current_session() -> tuple[Agent, AgentSession] | None:
    """Who is signed in, and by which session; its use is noted."""
    token, now = request.cookies.get(SESSION_COOKIE), datetime.now(UTC)
    if not token:
        return None
    with open_db_session() as db:
        found = find_session(db, token, now)
    if found and is_last_seen_stale(found[1], now):
        with suppress(UserError), write_session(get_engine()) as db:  # a busy database is no reason to turn an agent away
            touch_session(db, found[1].id or 0, now)
    return found


def resolve_next_url(next_url: str) -> str:
    """Where to go once signed in: the page written, if it is one of the desk, otherwise the cockpit."""
    desk, path = url_for("cockpit.show_dashboard"), unquote(next_url.partition("?")[0])
    *folders, page = path.removeprefix(desk).split("/")
    inside = path.startswith(desk) and not {"", ".", ".."} & set(folders) and page not in (".", "..")
    plain = next_url.isascii() and next_url.isprintable() and not set(path) & set("\\% ")
    is_door = path.startswith(url_for("sign_in.show_form")) or path == url_for("sign_in.sign_out")
    return next_url if inside and plain and not is_door else desk


def _redirect_to_sign_in() -> AnyResponse:
    """The form, which remembers the page asked for; what was posted is not sent twice."""
    asked = resolve_next_url(request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "")
    return redirect(url_for("sign_in.show_form", suite=asked if asked != url_for("cockpit.show_dashboard") else None), 303)


def _check_csrf() -> None:
    """What is posted comes from a form of this session. Raises Forbidden."""
    reject_cross_site()
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), csrf_token().encode()):
        raise Forbidden("Ce formulaire a vieilli : revenez à la page précédente, rechargez-la et recommencez.")


def has_role(agent: Agent, minimum: Role) -> bool:
    """Whether an agent's role allows what asks for that one."""
    ranks = list(Role)
    return ranks.index(agent.role) >= ranks.index(minimum)


def require_role(minimum: Role) -> Callable[[_View[_Rest]], Callable[_Rest, AnyResponse]]:
    """Gives a view its agent; who is not there is led to sign in, who has a lesser role is refused (403)."""

    def guard(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
        @wraps(view)
        def guarded(*args: _Rest.args, **named: _Rest.kwargs) -> AnyResponse:
            found = load_current_session()
            if found is None:
                return _redirect_to_sign_in()
            if not has_role(found[0], minimum):
                raise Forbidden("Votre compte ne permet pas cette action : demandez-la à un gestionnaire ou à un administrateur.")
            if request.method == "POST":
                _check_csrf()
            g.session_id = found[1].id
            return view(found[0], *args, **named)

        return guarded

    return guard


def require_reader(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
    """A page that every agent may read."""
    return require_role(Role.READER)(view)


def require_manager(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
    """What changes the records, or keeps a case from others: not for those who only read."""
    return require_role(Role.MANAGER)(view)


def require_admin(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
    """What bears on accounts."""
    return require_role(Role.ADMIN)(view)
