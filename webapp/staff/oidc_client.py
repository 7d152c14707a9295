"""The identity provider, asked and not believed on its word: ProConnect, or any OpenID Connect provider with its ways."""

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
_LONGEST_ANSWER = 10  # seconds, all told
_LARGEST_ANSWER = 200_000
_CACHE_SECONDS = 3600  # seconds for which the provider's description is believed
_KEYS_REST = 30  # seconds between two readings of its keys
_SCOPES = "openid email siret idp_id"
_MAX_SUBJECT_LENGTH = 300
_Read = TypeVar("_Read", bound=BaseModel)


class ProviderUnavailableError(Exception):
    """The provider does not answer, or answers what cannot be understood; its text is for the log."""


class IdentityNotProvenError(Exception):
    """What came back does not prove who somebody is: `reason` is one word for the trail."""

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
    """One provider for the whole site: its description and its keys are read once, and again when they change."""

    def __init__(self, named: IdentityProvider) -> None:
        self.named = named
        self._described: tuple[float, _ProviderMetadata] | None = None
        self._keys: tuple[float, TokenVerifier] | None = None

    def build_authorization_url(self, state: str, nonce: str, redirect_uri: str) -> str:
        """The address where somebody identifies themselves: these parameters and no other, ProConnect refuses the rest."""
        acr = {"essential": True, "values": self.named.acr}
        asked = {"response_type": "code", "client_id": self.named.client_id, "redirect_uri": redirect_uri, "scope": _SCOPES}
        asked |= {"state": state, "nonce": nonce, "claims": json.dumps({"id_token": {"acr": acr}}, separators=(",", ":"))}
        return _add_params(self._get_metadata().authorization_endpoint, asked)

    def build_logout_url(self, id_token: str, state: str, redirect_uri: str) -> str | None:
        """The address where the provider's own session ends; None when it has none."""
        end = self._get_metadata().end_session_endpoint
        return (
            _add_params(end, {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": redirect_uri})
            if end
            else None
        )

    def authenticate(self, code: str, nonce: str, redirect_uri: str) -> tuple[Identity, str]:
        """Who came back with that code, and the token that their leaving will ask for. Raises Unproven, Silent."""
        tokens = self._exchange_code(code, redirect_uri)
        proof = self._verify_token(tokens.id_token, {"nonce": nonce}, must_expire=True)
        if proof.get("acr") not in self.named.acr:
            raise IdentityNotProvenError("acr", str(proof.get("acr")))
        facts = self._fetch_userinfo(tokens.access_token, str(proof["sub"]))
        subject = f"{facts.idp_id or self.named.issuer}|{facts.sub}"
        if len(subject) > _MAX_SUBJECT_LENGTH:
            raise ProviderUnavailableError("subject too long")
        return Identity(subject, facts.email, facts.siret or ""), tokens.id_token

    def _exchange_code(self, code: str, redirect_uri: str) -> _Tokens:
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        sent |= {"client_id": self.named.client_id, "client_secret": self.named.client_secret}
        answer = self._send_request("POST", self._get_metadata().token_endpoint, data=sent)
        if answer.status_code == httpx.codes.BAD_REQUEST and b'"invalid_grant"' in answer.content:
            raise IdentityNotProvenError("code")
        return _parse_response(_Tokens, answer)

    def _fetch_userinfo(self, access_token: str, subject: str) -> _UserInfo:
        """Signed (ProConnect) or plain JSON: of the very person of the identity token, either way."""
        answer = self._send_request(
            "GET", self._get_metadata().userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"}
        )
        if answer.headers.get("Content-Type", "").startswith("application/jwt"):
            facts = _validate_model(_UserInfo, self._verify_token(answer.text, {"sub": subject}, must_expire=False))
        else:
            facts = _parse_response(_UserInfo, answer)
        if facts.sub != subject:
            raise IdentityNotProvenError("userinfo", "another subject")
        return facts

    def _verify_token(self, token: str, expected: dict[str, str], *, must_expire: bool) -> dict[str, object]:
        """The claims of a token signed by the provider, for us; its keys are read anew when it names one we do not know."""
        expected = {"iss": self._get_metadata().issuer, **expected}
        try:
            try:
                return self._get_verifier().verify_claims(token, self.named.client_id, expected, must_expire=must_expire)
            except UnknownKeyError:
                return self._get_verifier(refresh=True).verify_claims(
                    token, self.named.client_id, expected, must_expire=must_expire
                )
        except InvalidTokenError as refused:
            raise IdentityNotProvenError("token" if must_expire else "userinfo", str(refused)) from None

    def _get_verifier(self, *, refresh: bool = False) -> TokenVerifier:
        age = monotonic() - self._keys[0] if self._keys else _CACHE_SECONDS
        if self._keys is None or age >= _CACHE_SECONDS or (refresh and age >= _KEYS_REST):
            published = _parse_response(_PublishedKeys, self._send_request("GET", self._get_metadata().jwks_uri))
            try:
                self._keys = (monotonic(), TokenVerifier(published.keys))
            except InvalidTokenError as nonsense:
                raise ProviderUnavailableError(str(nonsense)) from None
        return self._keys[1]

    def _get_metadata(self) -> _ProviderMetadata:
        if self._described is None or monotonic() - self._described[0] >= _CACHE_SECONDS:
            found = _parse_response(
                _ProviderMetadata, self._send_request("GET", f"{self.named.issuer}/.well-known/openid-configuration")
            )
            addresses = [address for name, address in found.model_dump(exclude_none=True).items() if name != "issuer"]
            if found.issuer.rstrip("/") != self.named.issuer or not all(map(is_confidential, addresses)):
                raise ProviderUnavailableError(
                    f"the description is not that of {self.named.issuer}, or names addresses without https"
                )
            self._described = (monotonic(), found)
        return self._described[1]

    def _send_request(self, method: str, address: str, **sent: Any) -> httpx.Response:
        """An answer, whole and of a sensible size, in time. Raises Silent."""
        body, end = bytearray(), monotonic() + _LONGEST_ANSWER
        try:
            with httpx.stream(method, address, timeout=_TIMEOUT, **sent) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _LARGEST_ANSWER or monotonic() > end:
                        raise ProviderUnavailableError(f"{address}: too large or too slow")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnavailableError(f"{address}: {error!r}") from None
        kept = {name: value for name, value in answer.headers.items() if name == "content-type"}
        return httpx.Response(answer.status_code, headers=kept, content=bytes(body))


def _add_params(address: str, parameters: Mapping[str, str]) -> str:
    return str(httpx.URL(address).copy_merge_params(parameters))


def _parse_response(model: type[_Read], answer: httpx.Response) -> _Read:
    """Raises Silent, with what the answer says of itself but never its secrets."""
    if answer.status_code != httpx.codes.OK:
        raise ProviderUnavailableError(f"{model.__name__}: HTTP {answer.status_code}")
    return _validate_model(model, answer.content)


def _validate_model(model: type[_Read], data: bytes | Mapping[str, object]) -> _Read:
    try:
        return model.model_validate_json(data) if isinstance(data, bytes) else model.model_validate(data)
    except ValidationError as error:
        raise ProviderUnavailableError(f"{model.__name__}: {error.error_count()} fields missing or wrong") from None
