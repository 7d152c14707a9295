"""Partner sites: known by their host name, counted by film and day, shown to each at a private address."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from domain.common.errors import UserError
from domain.common.paris_time import get_paris_date
from domain.models.partner import Partner

MAX_PARTNERS = 5_000
"""Partners that are known at once, but for those that an agent adds: host names can be invented by the thousand."""
_MAX_HOST_LENGTH = 100
_HOST_PATTERN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_PRIVATE_SUFFIXES = {
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "arpa",
    "invalid",
    "test",
    "onion",
}


def parse_public_host(name: str) -> str | None:
    """A host name that a public site may have, in small letters; None for anything else: a number, a name of a local network."""
    host = name.lower()
    if len(host) > _MAX_HOST_LENGTH or not _HOST_PATTERN.fullmatch(host) or host.rpartition(".")[2] in _PRIVATE_SUFFIXES:
        return None
    return host


def extract_public_host(address: str) -> str | None:
    """The public host name of an origin or of a page's address; the rest of it is not looked at."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return None
    return parse_public_host(host) if parts.scheme in ("http", "https") else None


def register_partners(session: Session, first_seen: Mapping[str, date]) -> None:
    """Makes partners seen on a day known, as long as there is room."""
    known = set(session.exec(select(Partner.origin).where(col(Partner.origin).in_(list(first_seen)))))
    if not (new := sorted(set(first_seen) - known)):
        return
    room = max(0, MAX_PARTNERS - session.exec(select(func.count()).select_from(Partner)).one())
    for origin in new[:room]:
        try:
            with session.begin_nested():
                session.add(Partner(origin=origin, first_seen=first_seen[origin]))
        except IntegrityError:  # another server has just met it
            continue


def _hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def add_partner(session: Session, origin: str, now: datetime) -> str:
    """The secret of a partner's figures, to be told once: only its hash is kept.

    Raises Problem when the origin is no public host name, or has its secret already.
    """
    host = parse_public_host(origin) or extract_public_host(origin)
    if host is None:
        raise UserError(f"« {origin[:_MAX_HOST_LENGTH]} » : nom de site public attendu, par exemple cinema.example")
    partner = session.get(Partner, host) or Partner(origin=host, first_seen=get_paris_date(now))
    if partner.sha256:
        raise UserError(f"{host} : a déjà une adresse privée (« ouvoir partner revoke {host} » y met fin)")
    secret = secrets.token_urlsafe(32)
    partner.sha256 = _hash_secret(secret)
    session.add(partner)
    return secret


def revoke_partner(session: Session, origin: str) -> None:
    """Ends the private address of a partner at once; its counts stay. Raises Problem when there is none."""
    partner = session.get(Partner, origin.lower())
    if partner is None or partner.sha256 is None:
        raise UserError(f"{origin[:_MAX_HOST_LENGTH]} : aucune adresse privée (voir « ouvoir partner list »)")
    partner.sha256 = None
    session.add(partner)


def list_partners(session: Session) -> Sequence[Partner]:
    """The partners known, in alphabetical order."""
    return session.exec(select(Partner).order_by(col(Partner.origin))).all()


def find_partner(session: Session, secret: str) -> Partner | None:
    """Whose figures a secret opens; looked for by its hash, so that the time of the answer says nothing."""
    return session.exec(select(Partner).where(Partner.sha256 == _hash_secret(secret))).first()
