"""Forms that anyone may send, kept from robots without a third party: a dated mark that serves once, and a hidden field."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner
from werkzeug.datastructures import MultiDict

from domain.accounts.nonces import use_once
from domain.accounts.secret_key import signing_key
from webapp.core.i18n import gettext

LURE = "site"
"""The field that a person does not see."""
SOONEST, LATEST = timedelta(seconds=3), timedelta(days=1)
_LONGEST_MARK = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """The mark to put in the form if it is shown again, and one sentence when what was sent is refused."""

    mark: str
    problem: str | None = None


def _signer() -> TimestampSigner:
    return TimestampSigner(signing_key(), salt="form")


def new_mark() -> str:
    """Says when a form was given, in a way that nobody else can write, and that serves once; it says nothing else."""
    return _signer().sign(secrets.token_urlsafe(9)).decode()


def check_form(sent: MultiDict[str, str]) -> Checked:
    """Whether a form was filled by a person, as far as time and a hidden field can tell."""
    mark = sent.get("marque", "")
    given = _given(mark)
    age = datetime.now(UTC) - given if given else None
    if age is None or not timedelta() <= age <= LATEST:
        return Checked(
            new_mark(), gettext("Cette page a été ouverte il y a plus d’un jour. Rien n’est perdu : envoyez de nouveau.")
        )
    if age < SOONEST:
        told = gettext(
            "L’envoi a suivi de trop près l’ouverture de la page, comme le ferait un robot. Attendez un instant, puis envoyez."
        )
        return Checked(mark, told)
    if sent.get(LURE):
        return Checked(mark, gettext("Un champ qui devait rester vide a été rempli. Il est vidé : envoyez de nouveau."))
    return Checked(mark)


def spend(mark: str) -> bool:
    """Whether a mark that was checked had not served yet; it has now. Raises Problem when that cannot be kept."""
    name, given = _signer().unsign(mark, return_timestamp=True)
    return use_once(name.decode(), given.date(), datetime.now(UTC).date())


def _given(mark: str) -> datetime | None:
    try:
        return _signer().unsign(mark[:_LONGEST_MARK], return_timestamp=True)[1]
    except BadSignature:
        return None
