"""Forms that anyone may send, kept from robots without a third party: a dated mark that serves once, and a hidden field."""

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
MIN_FORM_AGE, MAX_FORM_AGE = timedelta(seconds=3), timedelta(days=1)
_MAX_TOKEN_LENGTH = 100


@dataclass(frozen=True, slots=True)
class FormCheck:
    """The mark to put in the form if it is shown again, and one sentence when what was sent is refused."""

    token: str
    problem: str | None = None


def _get_signer() -> TimestampSigner:
    return TimestampSigner(get_signing_key(), salt="form")


def create_token() -> str:
    """Says when a form was given, in a way that nobody else can write, and that serves once; it says nothing else."""
    return _get_signer().sign(secrets.token_urlsafe(9)).decode()


def check_form(form: MultiDict[str, str]) -> FormCheck:
    """Whether a form was filled by a person, as far as time and a hidden field can tell."""
    mark = form.get("marque", "")
    given = _get_issue_time(mark)
    age = datetime.now(UTC) - given if given else None
    if age is None or not timedelta() <= age <= MAX_FORM_AGE:
        return FormCheck(
            create_token(), gettext("Cette page a été ouverte il y a plus d’un jour. Rien n’est perdu : envoyez de nouveau.")
        )
    if age < MIN_FORM_AGE:
        told = gettext(
            "L’envoi a suivi de trop près l’ouverture de la page, comme le ferait un robot. Attendez un instant, puis envoyez."
        )
        return FormCheck(mark, told)
    if form.get(HONEYPOT_FIELD):
        return FormCheck(mark, gettext("Un champ qui devait rester vide a été rempli. Il est vidé : envoyez de nouveau."))
    return FormCheck(mark)


def consume_token(token: str) -> bool:
    """Whether a mark that was checked had not served yet; it has now. Raises Problem when that cannot be kept."""
    name, given = _get_signer().unsign(token, return_timestamp=True)
    return use_token_once(name.decode(), given.date(), datetime.now(UTC).date())


def _get_issue_time(token: str) -> datetime | None:
    try:
        return _get_signer().unsign(token[:_MAX_TOKEN_LENGTH], return_timestamp=True)[1]
    except BadSignature:
        return None
