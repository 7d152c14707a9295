"""The identity provider, asked and not believed on its word: ProConnect, or any OpenID Connect provider with its ways."""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from domain.accounts.allow_list import Identity
from domain.common.settings import IdentityProvider, is_confidential
from webapp.staff.id_token import NotSigned, SignedBy, UnknownKey

_PATIENCE = httpx.Timeout(5, connect=3)
_LONGEST_ANSWER = 10  # seconds, all told
_LARGEST_ANSWER = 200_000
_FRESH = 3600  # seconds for which the provider's description is believed
_KEYS_REST = 30  # seconds between two readings of its keys
_WANTED = "openid email siret idp_id"
_LONGEST_SUBJECT = 300
_Read = TypeVar("_Read", bound=BaseModel)


class Silent(Exception):
    """The provider does not answer, or answers what cannot be understood; its text is for the log."""


class Unproven(Exception):
    """What came back does not prove who somebody is: `reason` is one word for the trail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail!r}")
        self.reason = reason


class _Description(BaseModel):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


class _Published(BaseModel):
    keys: list[dict[str, Any]]


class _Tokens(BaseModel):
    access_token: str
    id_token: str


class _Facts(BaseModel):
    sub: str
    email: str = ""
    siret: str | None = None
    idp_id: str | None = None


class Provider:
    """One provider for the whole site: its description and its keys are read once, and again when they change."""

    def __init__(self, named: IdentityProvider) -> None:
        self.named = named
        self._described: tuple[float, _Description] | None = None
        self._keys: tuple[float, SignedBy] | None = None

    def way_in(self, state: str, nonce: str, back: str) -> str:
        """The address where somebody identifies themselves: these parameters and no other, ProConnect refuses the rest."""
        acr = {"essential": True, "values": self.named.acr}
        asked = {"response_type": "code", "client_id": self.named.client_id, "redirect_uri": back, "scope": _WANTED}
        asked |= {"state": state, "nonce": nonce, "claims": json.dumps({"id_token": {"acr": acr}}, separators=(",", ":"))}
        return _with(self._description().authorization_endpoint, asked)

    def way_out(self, id_token: str, state: str, back: str) -> str | None:
        """The address where the provider's own session ends; None when it has none."""
        end = self._description().end_session_endpoint
        return _with(end, {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back}) if end else None

    def identify(self, code: str, nonce: str, back: str) -> tuple[Identity, str]:
        """Who came back with that code, and the token that their leaving will ask for. Raises Unproven, Silent."""
        tokens = self._exchange(code, back)
        proof = self._verify(tokens.id_token, {"nonce": nonce}, lives=True)
        if proof.get("acr") not in self.named.acr:
            raise Unproven("acr", str(proof.get("acr")))
        facts = self._facts(tokens.access_token, str(proof["sub"]))
        subject = f"{facts.idp_id or self.named.issuer}|{facts.sub}"
        if len(subject) > _LONGEST_SUBJECT:
            raise Silent("subject too long")
        return Identity(subject, facts.email, facts.siret or ""), tokens.id_token

    def _exchange(self, code: str, back: str) -> _Tokens:
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        sent |= {"client_id": self.named.client_id, "client_secret": self.named.client_secret}
        answer = self._ask("POST", self._description().token_endpoint, data=sent)
        if answer.status_code == httpx.codes.BAD_REQUEST and b'"invalid_grant"' in answer.content:
            raise Unproven("code")
        return _read(_Tokens, answer)

    def _facts(self, access_token: str, subject: str) -> _Facts:
        """Signed (ProConnect) or plain JSON: of the very person of the identity token, either way."""
        answer = self._ask("GET", self._description().userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if answer.headers.get("Content-Type", "").startswith("application/jwt"):
            facts = _understood(_Facts, self._verify(answer.text, {"sub": subject}, lives=False))
        else:
            facts = _read(_Facts, answer)
        if facts.sub != subject:
            raise Unproven("userinfo", "another subject")
        return facts

    def _verify(self, token: str, expected: dict[str, str], *, lives: bool) -> dict[str, object]:
        """The claims of a token signed by the provider, for us; its keys are read anew when it names one we do not know."""
        expected = {"iss": self._description().issuer, **expected}
        try:
            try:
                return self._signed_by().claims(token, self.named.client_id, expected, lives=lives)
            except UnknownKey:
                return self._signed_by(anew=True).claims(token, self.named.client_id, expected, lives=lives)
        except NotSigned as refused:
            raise Unproven("token" if lives else "userinfo", str(refused)) from None

    def _signed_by(self, *, anew: bool = False) -> SignedBy:
        age = monotonic() - self._keys[0] if self._keys else _FRESH
        if self._keys is None or age >= _FRESH or (anew and age >= _KEYS_REST):
            published = _read(_Published, self._ask("GET", self._description().jwks_uri))
            try:
                self._keys = (monotonic(), SignedBy(published.keys))
            except NotSigned as nonsense:
                raise Silent(str(nonsense)) from None
        return self._keys[1]

    def _description(self) -> _Description:
        if self._described is None or monotonic() - self._described[0] >= _FRESH:
            found = _read(_Description, self._ask("GET", f"{self.named.issuer}/.well-known/openid-configuration"))
            addresses = [address for name, address in found.model_dump(exclude_none=True).items() if name != "issuer"]
            if found.issuer.rstrip("/") != self.named.issuer or not all(map(is_confidential, addresses)):
                raise Silent(f"the description is not that of {self.named.issuer}, or names addresses without https")
            self._described = (monotonic(), found)
        return self._described[1]

    def _ask(self, method: str, address: str, **sent: Any) -> httpx.Response:
        """An answer, whole and of a sensible size, in time. Raises Silent."""
        body, end = bytearray(), monotonic() + _LONGEST_ANSWER
        try:
            with httpx.stream(method, address, timeout=_PATIENCE, **sent) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _LARGEST_ANSWER or monotonic() > end:
                        raise Silent(f"{address}: too large or too slow")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Silent(f"{address}: {error!r}") from None
        kept = {name: value for name, value in answer.headers.items() if name == "content-type"}
        return httpx.Response(answer.status_code, headers=kept, content=bytes(body))


def _with(address: str, parameters: Mapping[str, str]) -> str:
    return str(httpx.URL(address).copy_merge_params(parameters))


def _read(shape: type[_Read], answer: httpx.Response) -> _Read:
    """Raises Silent, with what the answer says of itself but never its secrets."""
    if answer.status_code != httpx.codes.OK:
        raise Silent(f"{shape.__name__}: HTTP {answer.status_code}")
    return _understood(shape, answer.content)


def _understood(shape: type[_Read], found: bytes | Mapping[str, object]) -> _Read:
    try:
        return shape.model_validate_json(found) if isinstance(found, bytes) else shape.model_validate(found)
    except ValidationError as error:
        raise Silent(f"{shape.__name__}: {error.error_count()} fields missing or wrong") from None
