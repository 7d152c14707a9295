"""Signing in by ProConnect: agents leave for it, come back with a code, and are let in if they are expected."""

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.allow_list import Identity, SignInRefusal, authenticate_identity
from domain.accounts.audit_trail import log_audit_event
from domain.accounts.nonces import use_token_once
from domain.accounts.secret_key import get_signing_key
from domain.accounts.sessions import open_session
from domain.common.settings import LOOPBACK_HOSTS, get_settings
from domain.db.engine import write_session
from webapp.core.context import get_engine
from webapp.staff.auth import STAFF_PREFIX, resolve_next_url, set_session_cookie
from webapp.staff.oidc_client import IdentityNotProvenError, Provider, ProviderUnavailableError
from webapp.staff.rate_limit import get_client_address, get_rate_limiter

bp = Blueprint("proconnect", __name__, url_prefix=STAFF_PREFIX)
PROVIDER_KEY = "ouvoir.provider"
STATE_COOKIE = "ouvoir_proconnect"
_STATE_MAX_AGE = 600  # seconds to identify oneself over there
_UNAVAILABLE_MESSAGE = "ProConnect ne répond pas, ou pas comme prévu. Réessayez dans quelques minutes."
_RETRY_MESSAGE = "Cette connexion a trop attendu, ou a déjà servi. Recommencez depuis la page de connexion."
_ERROR_MESSAGES = {
    "state": _RETRY_MESSAGE,
    "code": _RETRY_MESSAGE,
    "given-up": "ProConnect n’a pas confirmé qui vous êtes. Recommencez depuis la page de connexion.",
    "token": "La réponse de ProConnect n’a pas pu être vérifiée. Recommencez depuis la page de connexion.",
    "userinfo": "La réponse de ProConnect n’a pas pu être vérifiée. Recommencez depuis la page de connexion.",
    "acr": "Le bureau demande une double authentification, et votre connexion à ProConnect n’en a pas eu. Activez-la auprès du "
    "service informatique de votre organisme, puis recommencez.",
    SignInRefusal.EMAIL: "ProConnect vous a reconnu, mais votre adresse n’est pas sur la liste des agents du bureau.",
    SignInRefusal.SIRET: "ProConnect vous a reconnu, mais sous un autre établissement que celui de votre compte.",
    SignInRefusal.DISABLED: "ProConnect vous a reconnu, mais votre compte est désactivé.",
    SignInRefusal.SUBJECT: "ProConnect vous a reconnu, mais ce compte est lié à une autre identité, ou vous à un autre compte.",
}


@dataclass(frozen=True, slots=True)
class _PendingSignIn:
    """What the browser keeps while somebody is away, signed: their return must bring the state back, their token the nonce."""

    state: str
    nonce: str
    way: str


def register_provider(app: Flask) -> None:
    """Reads the provider of the environment. Raises Problem when it is badly named."""
    named = get_settings().identity_provider
    app.extensions[PROVIDER_KEY] = Provider(named) if named else None


def get_provider() -> Provider | None:
    """The provider in use, if one is."""
    return cast(Provider | None, current_app.extensions[PROVIDER_KEY])


def _require_provider() -> Provider:
    return get_provider() or abort(404)


def build_external_url(endpoint: str) -> str:
    """The whole address of a page as the provider knows it: https but on this very machine, whatever stands before us."""
    local = urlsplit(f"//{request.host}").hostname in LOOPBACK_HOSTS
    return url_for(endpoint, _external=True, _scheme="http" if local and not request.is_secure else "https")


def _get_serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key(), salt="proconnect")


@bp.get("/connexion/proconnect")
def start_sign_in() -> AnyResponse:
    """Sends the browser to the provider, with what must come back."""
    here, back = _require_provider(), build_external_url(".handle_callback")
    away = _PendingSignIn(secrets.token_urlsafe(32), secrets.token_urlsafe(32), resolve_next_url(request.args.get("suite", "")))
    try:
        answer = redirect(here.build_authorization_url(away.state, away.nonce, back), 303)
    except ProviderUnavailableError as trouble:
        return _render_unavailable(trouble)
    kept = _get_serializer().dumps(asdict(away))
    assert isinstance(kept, str)
    secure, path = back.startswith("https:"), url_for(".handle_callback")
    # Lax, not Strict: whoever comes back comes from another site.
    answer.set_cookie(STATE_COOKIE, kept, _STATE_MAX_AGE, path=path, secure=secure, httponly=True, samesite="Lax")
    return answer


@bp.get("/connexion/retour")
def handle_callback() -> AnyResponse:
    """Opens a session to whoever comes back and is expected; says to others why not, and whom to ask."""
    here, now, address = _require_provider(), datetime.now(UTC), get_client_address()
    mine = f"@{address}"  # no login has an @: these tries are counted by address alone
    if wait := get_rate_limiter().register_attempt(mine, address, now):
        return _render_refusal(f"Trop d’essais : réessayez dans {wait} s.", 429, wait=wait)
    id_token = None
    try:
        away = _load_pending_sign_in()
        seen, id_token = here.authenticate(_read_code(), away.nonce, build_external_url(".handle_callback"))
        token = _open_agent_session(seen, id_token, address, now)
    except ProviderUnavailableError as trouble:
        return _render_unavailable(trouble)
    except IdentityNotProvenError as doubt:
        if id_token is None:  # otherwise the account is known, and the trail says so already
            with write_session(get_engine()) as session:
                log_audit_event(session, now, None, "sign-in-failed", detail=_build_audit_detail(address, doubt.reason))
        current_app.logger.warning("sign-in by the provider refused: %s", doubt)
        return _render_refusal(_ERROR_MESSAGES[doubt.reason], ask=doubt.reason in list(SignInRefusal), id_token=id_token)
    get_rate_limiter().clear_attempts(mine, address)
    answer = make_response(render_template("staff/onward.html", at=now, way=away.way, left=False))
    set_session_cookie(answer, token, encrypted=build_external_url(".handle_callback").startswith("https:"))
    return _delete_state_cookie(answer)


def _build_audit_detail(address: str, reason: str = "") -> dict[str, str]:
    return {"by": "proconnect", "address": address} | ({"reason": reason} if reason else {})


def _load_pending_sign_in() -> _PendingSignIn:
    """Who left from this browser, lately, and comes back for the first time. Raises Unproven."""
    try:
        read, given = _get_serializer().loads(request.cookies.get(STATE_COOKIE, ""), _STATE_MAX_AGE, return_timestamp=True)
        away = _PendingSignIn(**read)
    except BadData:
        raise IdentityNotProvenError("state", "no cookie, or none of ours") from None
    if not compare_digest(request.args.get("state", "").encode(), away.state.encode()):
        raise IdentityNotProvenError("state", "another state")
    if not use_token_once(away.state, given.date(), datetime.now(UTC).date()):
        raise IdentityNotProvenError("state", "used already")
    return away


def _read_code() -> str:
    """The code, or why there is none. Raises Unproven."""
    if not (code := request.args.get("code", "")):
        raise IdentityNotProvenError("given-up", request.args.get("error", "")[:60])
    return code


def _open_agent_session(seen: Identity, id_token: str, address: str, now: datetime) -> str:
    """The token of a new session for who is expected. Raises Unproven, with a word of `Refused`."""
    with write_session(get_engine()) as session:
        agent, refused = authenticate_identity(session, seen)
        act = "sign-in-failed" if refused else "sign-in"
        log_audit_event(session, now, agent.id if agent else None, act, detail=_build_audit_detail(address, refused or ""))
        token = open_session(session, agent, now, id_token) if agent and not refused else None
    if token is None:
        raise IdentityNotProvenError(refused or "")
    return token


def get_logout_url(id_token: str | None) -> str | None:
    """Where to end the provider's own session too; None when there is none, or when it cannot be asked."""
    here = get_provider()
    try:
        return (
            here.build_logout_url(id_token, secrets.token_urlsafe(32), build_external_url("sign_in.show_form"))
            if here and id_token
            else None
        )
    except ProviderUnavailableError as trouble:
        current_app.logger.warning("provider: %s", trouble)
        return None


def _render_unavailable(trouble: ProviderUnavailableError) -> Response:
    current_app.logger.error("provider: %s", trouble)
    return _render_refusal(_UNAVAILABLE_MESSAGE, 503, wait=30)


def _render_refusal(message: str, code: int = 403, *, ask: bool = False, id_token: str | None = None, wait: int = 0) -> Response:
    facts = {"told": message, "code": code, "ask": ask, "out": get_logout_url(id_token)}
    answer = make_response(render_template("staff/refused.html", at=datetime.now(UTC), **facts), code)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return _delete_state_cookie(answer)


def _delete_state_cookie(answer: Response) -> Response:
    """What was kept for the return serves no more."""
    answer.delete_cookie(STATE_COOKIE, path=url_for("proconnect.handle_callback"), httponly=True, samesite="Lax")
    return answer
