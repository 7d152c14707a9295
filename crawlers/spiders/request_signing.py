"""How requests to a partner are signed. Secrets come from the environment, and go nowhere else."""

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
    """How the requests of a source are signed; None when they are not."""
    return None if isinstance(source, PageSource) else source.auth


def build_auth_header(auth: Auth, slug: str) -> dict[str, str]:
    """The header that signs a request. Raises Problem naming the environment variable when it is missing."""
    secret = os.environ.get(auth.secret)
    if not secret:
        raise UserError(f"{slug}.toml : source.auth.secret : variable d'environnement absente : {auth.secret}")
    if auth.scheme == "bearer":
        return {auth.header: f"Bearer {secret}"}
    if auth.scheme == "basic":
        return {auth.header: f"Basic {base64.b64encode(secret.encode()).decode()}"}
    return {auth.header: secret}


def redact_bytes(data: bytes, auth: Auth | None) -> bytes:
    """A document without the secret that its server may echo, as it is or as addresses, JSON and Basic write it."""
    for form in _list_secret_forms(auth) if auth else []:
        data = data.replace(form, _REDACTED)
    return data


def redact_text(text: str, auth: Auth | None) -> str:
    """The same, of a message or an address."""
    return redact_bytes(text.encode("utf-8", "replace"), auth).decode() if auth else text


class SecretFilter(logging.Filter):
    """Keeps a secret out of a log."""

    def __init__(self, auth: Auth) -> None:
        super().__init__()
        self.auth = auth

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line pass, without the secret."""
        record.msg, record.args = redact_text(record.getMessage(), self.auth), None
        if record.exc_info:
            record.exc_text = redact_text(logging.Formatter().formatException(record.exc_info), self.auth)
        return True


def install_secret_filter(auth: Auth) -> None:
    """Hides a secret in everything that this process logs from now on."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(SecretFilter(auth))


def _list_secret_forms(auth: Auth) -> list[bytes]:
    secret = os.environ.get(auth.secret, "")
    parts = {secret, *secret.split(":", 1)} if auth.scheme == "basic" else {secret}
    parts |= {base64.b64encode(secret.encode()).decode()}
    written = {form for part in parts for form in (part, quote(part, safe=""), json.dumps(part)[1:-1])}
    return [form.encode() for form in sorted(written, key=len, reverse=True) if len(form) >= _MIN_SECRET_LENGTH]
