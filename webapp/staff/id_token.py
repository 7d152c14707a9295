"""Verify signed tokens (JWT) with the signer's published keys, never with a secret that others share."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

_ALGORITHMS = ("RS256", "ES256")
_KEY_TYPES = ("RSA", "EC")
_LEEWAY = 10  # seconds between two clocks: ProConnect's tokens live a minute
_TIMED_CLAIMS = ("exp", "iat", "sub")


class InvalidTokenError(Exception):
    """Report a token, or a set of keys, that cannot be trusted."""


class UnknownKeyError(InvalidTokenError):
    """Report a token signed with a key that was not published when the keys were read."""


class TokenVerifier:
    """Verify the tokens of one signer, from its published set of keys (RFC 7517)."""

    def __init__(self, published_keys: Sequence[dict[str, Any]]) -> None:
        """Keep the keys that can verify a signature. Raises InvalidTokenError when there is none."""
        keys = _import_keys(published_keys)
        if not keys:
            raise InvalidTokenError("no key of use")
        self._keys = KeySet(keys)

    def verify_claims(self, token: str, audience: str, expected: dict[str, str], *, must_expire: bool) -> dict[str, object]:
        """Return the claims of a token signed for that audience alone, with the expected values.

        With `must_expire` it must also say when it was issued, when it ends and for whom.
        Raises UnknownKeyError, or InvalidTokenError for any other reason.
        """
        options = {name: jwt.ClaimsOption(essential=True, value=value) for name, value in expected.items()}
        if must_expire:
            options |= {name: jwt.ClaimsOption(essential=True) for name in _TIMED_CLAIMS}
        try:
            decoded = jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            jwt.JWTClaimsRegistry(None, _LEEWAY, **options).validate(decoded.claims)
        except InvalidKeyIdError as error:
            raise UnknownKeyError(str(error)) from None
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise InvalidTokenError(f"{type(error).__name__}: {error}") from None
        if decoded.claims.get("aud") not in (audience, [audience]):
            raise InvalidTokenError("for another audience")
        return decoded.claims


def _import_keys(published_keys: Sequence[dict[str, Any]]) -> list[Key]:
    keys: list[Key] = []
    for published in published_keys:
        if published.get("kty") in _KEY_TYPES and published.get("use", "sig") == "sig":
            with suppress(JoseError, ValueError, TypeError):  # a key that is not understood says nothing of the others
                keys.append(JWKRegistry.import_key(published))
    return keys
