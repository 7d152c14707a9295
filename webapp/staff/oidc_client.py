"""Talk to the identity provider: ProConnect, or any OpenID Connect provider with its habits. Nothing is taken on trust."""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from domain.accounts.allow_list import Identity
from domain.common.settings import IdentityProvider, is_confidential
from webapp.staff.id_token import InvalidTokenError, TokenVerifier, UnknownKeyError

_TIMEOUT = httpx.Timeout(5, connect=3)
_MAX_RESPONSE_SECONDS = 10
_MAX_RESPONSE_BYTES = 200_000
_CACHE_SECONDS = 3600  # for the provider's metadata and keys
_MIN_KEYS_AGE = 30  # seconds between two readings of the keys, whatever tokens name
_SCOPES = "openid email siret idp_id"
_MAX_SUBJECT_LENGTH = 300
_Model = TypeVar("_Model", bound=BaseModel)


class ProviderUnavailableError(Exception):
    """Report a provider that does not answer, or whose answer cannot be understood; the message is for the log."""


class IdentityNotProvenError(Exception):
    """Report that what came back does not prove who somebody is; `reason` is one word for the audit trail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail!r}")
        self.reason = reason


class _ProviderMetadata(BaseModel):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


class _PublishedKeys(BaseModel):
    keys: list[dict[str, Any]]


class _Tokens(BaseModel):
    access_token: str
    id_token: str


class _UserInfo(BaseModel):
    sub: str
    email: str = ""
    siret: str | None = None
    idp_id: str | None = None


class Provider:
    """Represent the site's identity provider; its metadata and keys are read once, and again when they may have changed."""

    def __init__(self, config: IdentityProvider) -> None:
        self.config = config
        self._metadata: tuple[float, _ProviderMetadata] | None = None
        self._verifier: tuple[float, TokenVerifier] | None = None

    def build_authorization_url(self, state: str, nonce: str, redirect_uri: str) -> str:
        """Return the address where somebody identifies themselves. Raises ProviderUnavailableError."""
        acr = {"essential": True, "values": self.config.acr}
        # These parameters and no other: ProConnect refuses the rest.
        params = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPES,
            "state": state,
            "nonce": nonce,
            "claims": json.dumps({"id_token": {"acr": acr}}, separators=(",", ":")),
        }
        return _add_params(self._get_metadata().authorization_endpoint, params)

    def build_logout_url(self, id_token: str, state: str, redirect_uri: str) -> str | None:
        """Return the address where the provider's own session ends, None when it has none. Raises ProviderUnavailableError."""
        endpoint = self._get_metadata().end_session_endpoint
        if endpoint is None:
            return None
        return _add_params(endpoint, {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": redirect_uri})

    def authenticate(self, code: str, nonce: str, redirect_uri: str) -> tuple[Identity, str]:
        """Return who came back with that code, and the ID token that their sign-out will ask for.

        Raises IdentityNotProvenError or ProviderUnavailableError.
        """
        tokens = self._exchange_code(code, redirect_uri)
        claims = self._verify_token(tokens.id_token, {"nonce": nonce}, must_expire=True)
        if claims.get("acr") not in self.config.acr:
            raise IdentityNotProvenError("acr", str(claims.get("acr")))
        user_info = self._fetch_userinfo(tokens.access_token, str(claims["sub"]))
        # `sub` is unique for each provider behind ProConnect only.
        subject = f"{user_info.idp_id or self.config.issuer}|{user_info.sub}"
        if len(subject) > _MAX_SUBJECT_LENGTH:
            raise ProviderUnavailableError("subject too long")
        return Identity(subject, user_info.email, user_info.siret or ""), tokens.id_token

    def _exchange_code(self, code: str, redirect_uri: str) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.config.client_id,
            "client_secret": self.config.client_secret,
        }
        response = _send_request("POST", self._get_metadata().token_endpoint, data=form)
        if response.status_code == httpx.codes.BAD_REQUEST and b'"invalid_grant"' in response.content:
            raise IdentityNotProvenError("code")
        return _parse_response(_Tokens, response)

    def _fetch_userinfo(self, access_token: str, subject: str) -> _UserInfo:
        """Read the facts, signed (ProConnect) or plain JSON; either way of the very person of the ID token."""
        headers = {"Authorization": f"Bearer {access_token}"}
        response = _send_request("GET", self._get_metadata().userinfo_endpoint, headers=headers)
        if response.headers.get("Content-Type", "").startswith("application/jwt"):
            claims = self._verify_token(response.text, {"sub": subject}, must_expire=False)
            user_info = _validate_model(_UserInfo, claims)
        else:
            user_info = _parse_response(_UserInfo, response)
        if user_info.sub != subject:
            raise IdentityNotProvenError("userinfo", "another subject")
        return user_info

    def _verify_token(self, token: str, expected: dict[str, str], *, must_expire: bool) -> dict[str, object]:
        """Return the claims of a token that the provider signed for us. Raises IdentityNotProvenError."""
        expected = {"iss": self._get_metadata().issuer, **expected}
        client_id = self.config.client_id
        try:
            try:
                return self._get_verifier().verify_claims(token, client_id, expected, must_expire=must_expire)
            except UnknownKeyError:  # its keys may have changed since they were read
                return self._get_verifier(refresh=True).verify_claims(token, client_id, expected, must_expire=must_expire)
        except InvalidTokenError as error:
            raise IdentityNotProvenError("token" if must_expire else "userinfo", str(error)) from None

    def _get_verifier(self, *, refresh: bool = False) -> TokenVerifier:
        """Return the verifier over the provider's keys, read anew once an hour, or when asked and not too often."""
        max_age = _MIN_KEYS_AGE if refresh else _CACHE_SECONDS
        if self._verifier is None or monotonic() - self._verifier[0] >= max_age:
            self._verifier = (monotonic(), self._fetch_keys())
        return self._verifier[1]

    def _fetch_keys(self) -> TokenVerifier:
        published = _parse_response(_PublishedKeys, _send_request("GET", self._get_metadata().jwks_uri))
        try:
            return TokenVerifier(published.keys)
        except InvalidTokenError as error:
            raise ProviderUnavailableError(str(error)) from None

    def _get_metadata(self) -> _ProviderMetadata:
        if self._metadata is None or monotonic() - self._metadata[0] >= _CACHE_SECONDS:
            self._metadata = (monotonic(), self._fetch_metadata())
        return self._metadata[1]

    def _fetch_metadata(self) -> _ProviderMetadata:
        """Read the provider's description. Raises ProviderUnavailableError when it is another's, or not all over https."""
        response = _send_request("GET", f"{self.config.issuer}/.well-known/openid-configuration")
        metadata = _parse_response(_ProviderMetadata, response)
        endpoints = metadata.model_dump(exclude={"issuer"}, exclude_none=True).values()
        if metadata.issuer.rstrip("/") != self.config.issuer or not all(map(is_confidential, endpoints)):
            raise ProviderUnavailableError(
                f"the description is not that of {self.config.issuer}, or names addresses without https"
            )
        return metadata


def _send_request(method: str, url: str, **options: Any) -> httpx.Response:
    """Return a response read whole, of a sensible size and in time. Raises ProviderUnavailableError."""
    body = bytearray()
    deadline = monotonic() + _MAX_RESPONSE_SECONDS
    try:
        with httpx.stream(method, url, timeout=_TIMEOUT, **options) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MAX_RESPONSE_BYTES or monotonic() > deadline:
                    raise ProviderUnavailableError(f"{url}: too large or too slow")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderUnavailableError(f"{url}: {error!r}") from None
    headers = {name: value for name, value in response.headers.items() if name == "content-type"}
    return httpx.Response(response.status_code, headers=headers, content=bytes(body))


def _add_params(url: str, params: Mapping[str, str]) -> str:
    return str(httpx.URL(url).copy_merge_params(params))


def _parse_response(model: type[_Model], response: httpx.Response) -> _Model:
    """Return a response's body as a model. The error raised names what is wrong, never the secrets that came with it."""
    if response.status_code != httpx.codes.OK:
        raise ProviderUnavailableError(f"{model.__name__}: HTTP {response.status_code}")
    return _validate_model(model, response.content)


def _validate_model(model: type[_Model], data: bytes | Mapping[str, object]) -> _Model:
    try:
        return model.model_validate_json(data) if isinstance(data, bytes) else model.model_validate(data)
    except ValidationError as error:
        raise ProviderUnavailableError(f"{model.__name__}: {error.error_count()} fields missing or wrong") from None
