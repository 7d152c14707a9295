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

from domain.accounts.sessions import find_session, note_use, use_is_stale
from domain.common.enums import Role
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import Agent, AgentSession
from webapp.core.context import Refusal, engine, session

COOKIE = "ouvoir_agent"
PATH = "/agents"
_Rest = ParamSpec("_Rest")
_View = Callable[Concatenate[Agent, _Rest], AnyResponse]


class Forbidden(Refusal):
    """A form that does not come from our own page."""

    code = 403


def give_cookie(answer: AnyResponse, token: str, *, encrypted: bool) -> None:
    """Lets a browser in, for the desk alone; nothing of it travels with what another site sends."""
    answer.set_cookie(COOKIE, token, path=PATH, secure=encrypted, httponly=True, samesite="Strict")


def csrf_token() -> str:
    """What a form must bring back: drawn from the session's token, which only this browser and we know."""
    return _mark(request.cookies.get(COOKIE, ""))


def _mark(token: str) -> str:
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def refuse_foreign() -> None:
    """Refuses what another site makes a browser post. Raises Forbidden."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin") or (origin is not None and urlsplit(origin).netloc != request.host):
        raise Forbidden("Cet envoi vient d’un autre site : il n’a pas été pris en compte.")


def present() -> tuple[Agent, AgentSession] | None:
    """Who is signed in, and by which session; its use is noted."""
    token, now = request.cookies.get(COOKIE), datetime.now(UTC)
    if not token:
        return None
    with session() as db:
        found = find_session(db, token, now)
    if found and use_is_stale(found[1], now):
        with suppress(Problem), writing(engine()) as db:  # a busy database is no reason to turn an agent away
            note_use(db, found[1].id or 0, now)
    return found


def way_on(written: str) -> str:
    """Where to go once signed in: the page written, if it is one of the desk, otherwise the cockpit."""
    desk, path = url_for("cockpit.home"), unquote(written.partition("?")[0])
    *folders, page = path.removeprefix(desk).split("/")
    inside = path.startswith(desk) and not {"", ".", ".."} & set(folders) and page not in (".", "..")
    plain = written.isascii() and written.isprintable() and not set(path) & set("\\% ")
    is_door = path.startswith(url_for("sign_in.form")) or path == url_for("sign_in.leave")
    return written if inside and plain and not is_door else desk


def _to_sign_in() -> AnyResponse:
    """The form, which remembers the page asked for; what was posted is not sent twice."""
    asked = way_on(request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "")
    return redirect(url_for("sign_in.form", suite=asked if asked != url_for("cockpit.home") else None), 303)


def _check_form() -> None:
    """What is posted comes from a form of this session. Raises Forbidden."""
    refuse_foreign()
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), csrf_token().encode()):
        raise Forbidden("Ce formulaire a vieilli : revenez à la page précédente, rechargez-la et recommencez.")


def may(agent: Agent, least: Role) -> bool:
    """Whether an agent's role allows what asks for that one."""
    ranks = list(Role)
    return ranks.index(agent.role) >= ranks.index(least)


def for_role(least: Role) -> Callable[[_View[_Rest]], Callable[_Rest, AnyResponse]]:
    """Gives a view its agent; who is not there is led to sign in, who has a lesser role is refused (403)."""

    def guard(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
        @wraps(view)
        def guarded(*args: _Rest.args, **named: _Rest.kwargs) -> AnyResponse:
            found = present()
            if found is None:
                return _to_sign_in()
            if not may(found[0], least):
                raise Forbidden("Votre compte ne permet pas cette action : demandez-la à un gestionnaire ou à un administrateur.")
            if request.method == "POST":
                _check_form()
            g.session_id = found[1].id
            return view(found[0], *args, **named)

        return guarded

    return guard


def for_readers(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
    """A page that every agent may read."""
    return for_role(Role.READER)(view)


def for_managers(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
    """What changes the records, or keeps a case from others: not for those who only read."""
    return for_role(Role.MANAGER)(view)


def for_admins(view: _View[_Rest]) -> Callable[_Rest, AnyResponse]:
    """What bears on accounts."""
    return for_role(Role.ADMIN)(view)
