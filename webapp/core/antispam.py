"""Keep robots from the forms that anybody may send, without a third party: a dated token that serves once, and a hidden field."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner
from werkzeug.datastructures import MultiDict

from domain.accounts.nonces import use_token_once
from domain.accounts.secret_key import get_signing_key
from webapp.core.i18n import gettext

HONEYPOT_FIELD = "site"
"""The field that a person does not see."""
MIN_FORM_AGE = timedelta(seconds=3)
MAX_FORM_AGE = timedelta(days=1)
_MAX_TOKEN_LENGTH = 100


@dataclass(frozen=True, slots=True)
class FormCheck:
    """Hold the token to put in the form if it is shown again, and one sentence when the form is refused."""

    token: str
    problem: str | None = None


def _get_signer() -> TimestampSigner:
    return TimestampSigner(get_signing_key(), salt="form")


def create_token() -> str:
    """Return a signed token that serves once and says when the form was given, and nothing else."""
    return _get_signer().sign(secrets.token_urlsafe(9)).decode()


def check_form(form: MultiDict[str, str]) -> FormCheck:
    """Check that a form was filled by a person, as far as time and a hidden field can tell."""
    token = form.get("marque", "")
    issued_at = _get_issue_time(token)
    age = datetime.now(UTC) - issued_at if issued_at else None
    if age is None or not timedelta() <= age <= MAX_FORM_AGE:
        message = gettext("Cette page a été ouverte il y a plus d’un jour. Rien n’est perdu : envoyez de nouveau.")
        return FormCheck(create_token(), message)
    if age < MIN_FORM_AGE:
        message = gettext(
            "L’envoi a suivi de trop près l’ouverture de la page, comme le ferait un robot. Attendez un instant, puis envoyez."
        )
        return FormCheck(token, message)
    if form.get(HONEYPOT_FIELD):
        message = gettext("Un champ qui devait rester vide a été rempli. Il est vidé : envoyez de nouveau.")
        return FormCheck(token, message)
    return FormCheck(token)


def consume_token(token: str) -> bool:
    """Use a checked token; return False when it had served already. Raises UserError when its use cannot be recorded."""
    nonce, issued_at = _get_signer().unsign(token, return_timestamp=True)
    return use_token_once(nonce.decode(), issued_at.date(), datetime.now(UTC).date())


def _get_issue_time(token: str) -> datetime | None:
    try:
        _, issued_at = _get_signer().unsign(token[:_MAX_TOKEN_LENGTH], return_timestamp=True)
    except BadSignature:
        return None
    return issued_at
