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

from domain.accounts.allow_list import Identity, Refused, welcome
from domain.accounts.audit_trail import note
from domain.accounts.nonces import use_once
from domain.accounts.secret_key import signing_key
from domain.accounts.sessions import open_session
from domain.common import settings
from domain.db.engine import writing
from webapp.core.context import engine
from webapp.staff.auth import PATH, give_cookie, way_on
from webapp.staff.oidc_client import Provider, Silent, Unproven
from webapp.staff.rate_limit import asking_address, throttle

pages = Blueprint("proconnect", __name__, url_prefix=PATH)
PROVIDER = "ouvoir.provider"
COOKIE = "ouvoir_proconnect"
_LONGEST_ABSENCE = 600  # seconds to identify oneself over there
_SILENT = "ProConnect ne répond pas, ou pas comme prévu. Réessayez dans quelques minutes."
_AGAIN = "Cette connexion a trop attendu, ou a déjà servi. Recommencez depuis la page de connexion."
_TOLD = {
    "state": _AGAIN,
    "code": _AGAIN,
    "given-up": "ProConnect n’a pas confirmé qui vous êtes. Recommencez depuis la page de connexion.",
    "token": "La réponse de ProConnect n’a pas pu être vérifiée. Recommencez depuis la page de connexion.",
    "userinfo": "La réponse de ProConnect n’a pas pu être vérifiée. Recommencez depuis la page de connexion.",
    "acr": "Le bureau demande une double authentification, et votre connexion à ProConnect n’en a pas eu. Activez-la auprès du "
    "service informatique de votre organisme, puis recommencez.",
    Refused.EMAIL: "ProConnect vous a reconnu, mais votre adresse n’est pas sur la liste des agents du bureau.",
    Refused.SIRET: "ProConnect vous a reconnu, mais sous un autre établissement que celui de votre compte.",
    Refused.DISABLED: "ProConnect vous a reconnu, mais votre compte est désactivé.",
    Refused.SUBJECT: "ProConnect vous a reconnu, mais ce compte est lié à une autre identité, ou vous à un autre compte.",
}


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What the browser keeps while somebody is away, signed: their return must bring the state back, their token the nonce."""

    state: str
    nonce: str
    way: str


def register(app: Flask) -> None:
    """Reads the provider of the environment. Raises Problem when it is badly named."""
    named = settings.identity_provider()
    app.extensions[PROVIDER] = Provider(named) if named else None


def provider() -> Provider | None:
    """The provider in use, if one is."""
    return cast(Provider | None, current_app.extensions[PROVIDER])


def _needed() -> Provider:
    return provider() or abort(404)


def outside(endpoint: str) -> str:
    """The whole address of a page as the provider knows it: https but on this very machine, whatever stands before us."""
    local = urlsplit(f"//{request.host}").hostname in settings.LOOPBACK
    return url_for(endpoint, _external=True, _scheme="http" if local and not request.is_secure else "https")


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_key(), salt="proconnect")


@pages.get("/connexion/proconnect")
def leave() -> AnyResponse:
    """Sends the browser to the provider, with what must come back."""
    here, back = _needed(), outside(".come_back")
    away = _Leaving(secrets.token_urlsafe(32), secrets.token_urlsafe(32), way_on(request.args.get("suite", "")))
    try:
        answer = redirect(here.way_in(away.state, away.nonce, back), 303)
    except Silent as trouble:
        return _silent(trouble)
    kept = _seal().dumps(asdict(away))
    assert isinstance(kept, str)
    secure, path = back.startswith("https:"), url_for(".come_back")
    # Lax, not Strict: whoever comes back comes from another site.
    answer.set_cookie(COOKIE, kept, _LONGEST_ABSENCE, path=path, secure=secure, httponly=True, samesite="Lax")
    return answer


@pages.get("/connexion/retour")
def come_back() -> AnyResponse:
    """Opens a session to whoever comes back and is expected; says to others why not, and whom to ask."""
    here, now, address = _needed(), datetime.now(UTC), asking_address()
    mine = f"@{address}"  # no login has an @: these tries are counted by address alone
    if wait := throttle().admit(mine, address, now):
        return _refused(f"Trop d’essais : réessayez dans {wait} s.", 429, wait=wait)
    id_token = None
    try:
        away = _returned()
        seen, id_token = here.identify(_code(), away.nonce, outside(".come_back"))
        token = _open(seen, id_token, address, now)
    except Silent as trouble:
        return _silent(trouble)
    except Unproven as doubt:
        if id_token is None:  # otherwise the account is known, and the trail says so already
            with writing(engine()) as session:
                note(session, now, None, "sign-in-failed", detail=_detail(address, doubt.reason))
        current_app.logger.warning("sign-in by the provider refused: %s", doubt)
        return _refused(_TOLD[doubt.reason], ask=doubt.reason in list(Refused), id_token=id_token)
    throttle().forgive(mine, address)
    answer = make_response(render_template("staff/onward.html", at=now, way=away.way, left=False))
    give_cookie(answer, token, encrypted=outside(".come_back").startswith("https:"))
    return _forget(answer)


def _detail(address: str, reason: str = "") -> dict[str, str]:
    return {"by": "proconnect", "address": address} | ({"reason": reason} if reason else {})


def _returned() -> _Leaving:
    """Who left from this browser, lately, and comes back for the first time. Raises Unproven."""
    try:
        read, given = _seal().loads(request.cookies.get(COOKIE, ""), _LONGEST_ABSENCE, return_timestamp=True)
        away = _Leaving(**read)
    except BadData:
        raise Unproven("state", "no cookie, or none of ours") from None
    if not compare_digest(request.args.get("state", "").encode(), away.state.encode()):
        raise Unproven("state", "another state")
    if not use_once(away.state, given.date(), datetime.now(UTC).date()):
        raise Unproven("state", "used already")
    return away


def _code() -> str:
    """The code, or why there is none. Raises Unproven."""
    if not (code := request.args.get("code", "")):
        raise Unproven("given-up", request.args.get("error", "")[:60])
    return code


def _open(seen: Identity, id_token: str, address: str, now: datetime) -> str:
    """The token of a new session for who is expected. Raises Unproven, with a word of `Refused`."""
    with writing(engine()) as session:
        agent, refused = welcome(session, seen)
        act = "sign-in-failed" if refused else "sign-in"
        note(session, now, agent.id if agent else None, act, detail=_detail(address, refused or ""))
        token = open_session(session, agent, now, id_token) if agent and not refused else None
    if token is None:
        raise Unproven(refused or "")
    return token


def way_out(id_token: str | None) -> str | None:
    """Where to end the provider's own session too; None when there is none, or when it cannot be asked."""
    here = provider()
    try:
        return here.way_out(id_token, secrets.token_urlsafe(32), outside("sign_in.form")) if here and id_token else None
    except Silent as trouble:
        current_app.logger.warning("provider: %s", trouble)
        return None


def _silent(trouble: Silent) -> Response:
    current_app.logger.error("provider: %s", trouble)
    return _refused(_SILENT, 503, wait=30)


def _refused(told: str, code: int = 403, *, ask: bool = False, id_token: str | None = None, wait: int = 0) -> Response:
    facts = {"told": told, "code": code, "ask": ask, "out": way_out(id_token)}
    answer = make_response(render_template("staff/refused.html", at=datetime.now(UTC), **facts), code)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return _forget(answer)


def _forget(answer: Response) -> Response:
    """What was kept for the return serves no more."""
    answer.delete_cookie(COOKIE, path=url_for("proconnect.come_back"), httponly=True, samesite="Lax")
    return answer
