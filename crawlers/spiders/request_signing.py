"""Sign the requests to a partner. Secrets come from the environment, and go nowhere else."""

import base64
import json
import logging
import os
from urllib.parse import quote

from crawlers.platform_files.sources import Auth, DocumentSource, LookupSource, PageSource
from domain.common.errors import UserError

_REDACTED = b"[secret]"
_MIN_SECRET_LENGTH = 6  # hiding a shorter word would spoil ordinary text


def get_auth(source: DocumentSource | LookupSource | PageSource) -> Auth | None:
    """Return how the requests of a source are signed; None when they are not."""
    if isinstance(source, PageSource):
        return None
    return source.auth


def build_auth_header(auth: Auth, slug: str) -> dict[str, str]:
    """Return the header that signs a request. Raises UserError naming the environment variable when it is missing."""
    secret = os.environ.get(auth.secret)
    if not secret:
        raise UserError(f"{slug}.toml : source.auth.secret : variable d'environnement absente : {auth.secret}")
    if auth.scheme == "bearer":
        return {auth.header: f"Bearer {secret}"}
    if auth.scheme == "basic":
        return {auth.header: f"Basic {_encode_base64(secret)}"}
    return {auth.header: secret}


def redact_bytes(data: bytes, auth: Auth | None) -> bytes:
    """Return a document without the secret that its server may echo, as it is or as addresses, JSON and Basic write it."""
    if auth is None:
        return data
    for secret_form in _list_secret_forms(auth):
        data = data.replace(secret_form, _REDACTED)
    return data


def redact_text(text: str, auth: Auth | None) -> str:
    """Return a message or an address without the secret."""
    if auth is None:
        return text
    return redact_bytes(text.encode("utf-8", "replace"), auth).decode()


class SecretFilter(logging.Filter):
    """Keep a secret out of a log."""

    def __init__(self, auth: Auth) -> None:
        super().__init__()
        self.auth = auth

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the secret."""
        record.msg = redact_text(record.getMessage(), self.auth)
        record.args = None
        if record.exc_info:
            record.exc_text = redact_text(logging.Formatter().formatException(record.exc_info), self.auth)
        return True


def install_secret_filter(auth: Auth) -> None:
    """Hide a secret in everything that this process logs from now on."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(SecretFilter(auth))


def _list_secret_forms(auth: Auth) -> list[bytes]:
    """Return the ways in which a server may write the secret, the longest first; with Basic, its user and password too."""
    secret = os.environ.get(auth.secret, "")
    parts = {secret, _encode_base64(secret)}
    if auth.scheme == "basic":
        parts |= set(secret.split(":", 1))
    forms: set[str] = set()
    for part in parts:
        forms |= {part, quote(part, safe=""), json.dumps(part)[1:-1]}
    return [form.encode() for form in sorted(forms, key=len, reverse=True) if len(form) >= _MIN_SECRET_LENGTH]


def _encode_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
