"""Signed tokens: believed only with one of the signer's published keys, never with a secret that others share."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

_ALGORITHMS = ("RS256", "ES256")
_KEY_TYPES = ("RSA", "EC")
_LEEWAY = 10  # seconds between two clocks: ProConnect's tokens live a minute


class InvalidTokenError(Exception):
    """A token that is not what it should be."""


class UnknownKeyError(InvalidTokenError):
    """A token signed with a key that was not published when the keys were read."""


class TokenVerifier:
    """Whoever publishes a set of keys (RFC 7517). Raises NotSigned when it holds none of use."""

    def __init__(self, published: Sequence[dict[str, Any]]) -> None:
        keys: list[Key] = []
        for one in published:
            if one.get("kty") in _KEY_TYPES and one.get("use", "sig") == "sig":
                with suppress(JoseError, ValueError, TypeError):  # a key that is not understood says nothing of the others
                    keys.append(JWKRegistry.import_key(one))
        if not keys:
            raise InvalidTokenError("no key of use")
        self._keys = KeySet(keys)

    def verify_claims(self, token: str, audience: str, expected: dict[str, str], *, must_expire: bool) -> dict[str, object]:
        """What a token says, signed for that audience alone; `lives` when it must have an end. Raises NotSigned, UnknownKey."""
        try:
            found = jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            asked = {name: jwt.ClaimsOption(essential=True, value=value) for name, value in expected.items()}
            if must_expire:
                asked |= {name: jwt.ClaimsOption(essential=True) for name in ("exp", "iat", "sub")}
            jwt.JWTClaimsRegistry(None, _LEEWAY, **asked).validate(found.claims)
        except InvalidKeyIdError as unknown:
            raise UnknownKeyError(str(unknown)) from None
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as refused:
            raise InvalidTokenError(f"{type(refused).__name__}: {refused}") from None
        if found.claims.get("aud") not in (audience, [audience]):
            raise InvalidTokenError("for another audience")
        return found.claims
