"""Sign agents in by ProConnect: send them there, read what they come back with, and let in those who are expected."""

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
_STATE_MAX_AGE = 600  # seconds to identify oneself at the provider's
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
    """Store what the browser keeps, signed, while somebody is away: their return must bring the state, their token the nonce."""

    state: str
    nonce: str
    next_url: str


class _SignInRefusedError(Exception):
    """Report a refusal that the audit trail holds already; `id_token` is there when the provider knows the person."""

    def __init__(self, reason: str, id_token: str | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.id_token = id_token


def init_app(app: Flask) -> None:
    """Read the identity provider from the settings. Raises UserError when it is only half named."""
    config = get_settings().identity_provider
    app.extensions[PROVIDER_KEY] = Provider(config) if config else None


def get_provider() -> Provider | None:
    """Return the identity provider, None when the site has none."""
    return cast(Provider | None, current_app.extensions[PROVIDER_KEY])


def _require_provider() -> Provider:
    return get_provider() or abort(404)


@bp.get("/connexion/proconnect")
def start_sign_in() -> AnyResponse:
    """Send the browser to the provider, with what must come back."""
    provider = _require_provider()
    redirect_uri = build_external_url(".handle_callback")
    next_url = resolve_next_url(request.args.get("suite", ""))
    pending = _PendingSignIn(secrets.token_urlsafe(32), secrets.token_urlsafe(32), next_url)
    try:
        response = redirect(provider.build_authorization_url(pending.state, pending.nonce, redirect_uri), 303)
    except ProviderUnavailableError as error:
        return _render_unavailable(error)
    _set_state_cookie(response, pending, is_encrypted=redirect_uri.startswith("https:"))
    return response


def _set_state_cookie(response: AnyResponse, pending: _PendingSignIn, *, is_encrypted: bool) -> None:
    signed = _get_serializer().dumps(asdict(pending))
    assert isinstance(signed, str)
    path = url_for(".handle_callback")
    # Lax, not Strict: whoever comes back comes from another site.
    response.set_cookie(STATE_COOKIE, signed, _STATE_MAX_AGE, path=path, secure=is_encrypted, httponly=True, samesite="Lax")


@bp.get("/connexion/retour")
def handle_callback() -> AnyResponse:
    """Open a session for whoever comes back and is expected; tell others why not, and whom to ask."""
    provider = _require_provider()
    now = datetime.now(UTC)
    address = get_client_address()
    limiter_key = f"@{address}"  # no login has an @: these attempts are counted by address alone
    wait = get_rate_limiter().register_attempt(limiter_key, address, now)
    if wait:
        return _render_refusal(f"Trop d’essais : réessayez dans {wait} s.", 429, wait=wait)
    try:
        next_url, token = _finish_sign_in(provider, address, now)
    except ProviderUnavailableError as error:
        return _render_unavailable(error)
    except _SignInRefusedError as refused:
        return _render_refused(refused)
    get_rate_limiter().clear_attempts(limiter_key, address)
    response = make_response(render_template("staff/onward.html", at=now, next_url=next_url, is_sign_out=False))
    set_session_cookie(response, token, is_encrypted=build_external_url(".handle_callback").startswith("https:"))
    return _delete_state_cookie(response)


def _finish_sign_in(provider: Provider, address: str, now: datetime) -> tuple[str, str]:
    """Return the page to go on to, and the token of a new session. Raises _SignInRefusedError, ProviderUnavailableError."""
    try:
        pending = _load_pending_sign_in()
        redirect_uri = build_external_url(".handle_callback")
        identity, id_token = provider.authenticate(_read_code(), pending.nonce, redirect_uri)
    except IdentityNotProvenError as error:
        current_app.logger.warning("sign-in by the provider refused: %s", error)
        with write_session(get_engine()) as session:
            log_audit_event(session, now, None, "sign-in-failed", detail=_build_audit_detail(address, error.reason))
        raise _SignInRefusedError(error.reason, None) from None
    return pending.next_url, _open_agent_session(identity, id_token, address, now)


def _load_pending_sign_in() -> _PendingSignIn:
    """Return who left from this browser, lately, and comes back for the first time. Raises IdentityNotProvenError."""
    cookie = request.cookies.get(STATE_COOKIE, "")
    try:
        fields, signed_at = _get_serializer().loads(cookie, _STATE_MAX_AGE, return_timestamp=True)
        pending = _PendingSignIn(**fields)
    except (BadData, TypeError):  # TypeError: a cookie of another version of this site
        raise IdentityNotProvenError("state", "no cookie, or none of ours") from None
    if not compare_digest(request.args.get("state", "").encode(), pending.state.encode()):
        raise IdentityNotProvenError("state", "another state")
    if not use_token_once(pending.state, signed_at.date(), datetime.now(UTC).date()):
        raise IdentityNotProvenError("state", "used already")
    return pending


def _read_code() -> str:
    """Return the authorization code. Raises IdentityNotProvenError, with the provider's error, when there is none."""
    code = request.args.get("code", "")
    if not code:
        raise IdentityNotProvenError("given-up", request.args.get("error", "")[:60])
    return code


def _open_agent_session(identity: Identity, id_token: str, address: str, now: datetime) -> str:
    """Return the token of a new session for a person who is expected. Raises _SignInRefusedError."""
    with write_session(get_engine()) as session:
        agent, refusal = authenticate_identity(session, identity)
        if agent is not None and refusal is None:
            log_audit_event(session, now, agent.id, "sign-in", detail=_build_audit_detail(address))
            return open_session(session, agent, now, id_token)
        reason = str(refusal or "")
        agent_id = agent.id if agent else None
        log_audit_event(session, now, agent_id, "sign-in-failed", detail=_build_audit_detail(address, reason))
    current_app.logger.warning("sign-in by the provider refused: %s", reason)
    raise _SignInRefusedError(reason, id_token)


def _build_audit_detail(address: str, reason: str = "") -> dict[str, str]:
    detail = {"by": "proconnect", "address": address}
    if reason:
        detail["reason"] = reason
    return detail


def get_logout_url(id_token: str | None) -> str | None:
    """Return where to end the provider's own session too; None when there is none, or when it cannot be asked."""
    provider = get_provider()
    if provider is None or not id_token:
        return None
    try:
        return provider.build_logout_url(id_token, secrets.token_urlsafe(32), build_external_url("sign_in.show_form"))
    except ProviderUnavailableError as error:
        current_app.logger.warning("provider: %s", error)
        return None


def build_external_url(endpoint: str) -> str:
    """Return the whole address of a page as the provider knows it: https except on this very machine, even behind a proxy."""
    is_local = urlsplit(f"//{request.host}").hostname in LOOPBACK_HOSTS
    scheme = "http" if is_local and not request.is_secure else "https"
    return url_for(endpoint, _external=True, _scheme=scheme)


def _get_serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key(), salt="proconnect")


def _render_unavailable(error: ProviderUnavailableError) -> Response:
    current_app.logger.error("provider: %s", error)
    return _render_refusal(_UNAVAILABLE_MESSAGE, 503, wait=30)


def _render_refused(refused: _SignInRefusedError) -> Response:
    is_known_person = refused.reason in list(SignInRefusal)
    message = _ERROR_MESSAGES[refused.reason]
    return _render_refusal(message, can_ask=is_known_person, logout_url=get_logout_url(refused.id_token))


def _render_refusal(
    message: str, status: int = 403, *, can_ask: bool = False, logout_url: str | None = None, wait: int = 0
) -> Response:
    """Say why nobody came in, and, with `can_ask`, whom to ask for an account; `wait` is in seconds."""
    facts = {"message": message, "code": status, "can_ask": can_ask, "logout_url": logout_url}
    response = make_response(render_template("staff/refused.html", at=datetime.now(UTC), **facts), status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return _delete_state_cookie(response)


def _delete_state_cookie(response: Response) -> Response:
    """Delete what was kept for the return: it serves once."""
    response.delete_cookie(STATE_COOKIE, path=url_for("proconnect.handle_callback"), httponly=True, samesite="Lax")
    return response
