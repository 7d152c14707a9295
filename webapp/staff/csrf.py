"""Protect staff forms against cross-site request forgery with Flask-WTF's tokens, bound to the agent's session."""

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Flask, request, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from webapp.core.context import RequestError

CSRF_FIELD = "csrf"
SESSION_USER_KEY = "_user_id"
"""Where Flask-Login looks for the user in a session: ours holds the token of the agent's cookie."""


class ForbiddenError(RequestError):
    """Refuse a request that the agent may not make, or that does not come from our own pages."""

    code = 403


def init_app(app: Flask) -> None:
    """Set Flask-WTF up and give templates `csrf_token()`."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form is good for as long as its session, which has limits of its own
    app.jinja_env.globals["csrf_token"] = build_csrf_token


def derive_csrf_secret(session_token: str) -> str:
    """Return what the forms of a session carry: made from its token, which cannot be found again from it."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()


def build_csrf_token() -> str:
    """Return the value of the hidden field `csrf`. Only for pages that need a session: raises RuntimeError without one."""
    token: str = generate_csrf(secret_key=session[SESSION_USER_KEY], token_key=CSRF_FIELD)
    return token


def check_csrf() -> None:
    """Check that what is posted comes from a form of this session. Raises ForbiddenError."""
    reject_cross_site()
    try:
        validate_csrf(request.form.get(CSRF_FIELD), secret_key=session[SESSION_USER_KEY], token_key=CSRF_FIELD)
    except ValidationError:
        message = "Ce formulaire a vieilli : revenez à la page précédente, rechargez-la et recommencez."
        raise ForbiddenError(message) from None


def reject_cross_site() -> None:
    """Refuse what another site makes a browser post, from the headers that browsers set. Raises ForbiddenError."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    is_foreign_origin = origin is not None and urlsplit(origin).netloc != request.host
    if site not in (None, "same-origin") or is_foreign_origin:
        raise ForbiddenError("Cet envoi vient d’un autre site : il n’a pas été pris en compte.")
