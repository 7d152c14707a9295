"""Register partner sites, known by their host name, and the secrets that open their private statistics."""

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
"""How many partners register by themselves (agents may add more): host names can be invented by the thousand."""
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
    """Return a host name in lower case if a public site may have it; None for an IP address or a name of a local network."""
    host = name.lower()
    if len(host) > _MAX_HOST_LENGTH or not _HOST_PATTERN.fullmatch(host):
        return None
    suffix = host.rpartition(".")[2]
    return None if suffix in _PRIVATE_SUFFIXES else host


def extract_public_host(address: str) -> str | None:
    """Return the public host name of an origin or a page URL, whatever the rest of it; None when it has none."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return None
    return parse_public_host(host) if parts.scheme in ("http", "https") else None


def register_partners(session: Session, first_seen: Mapping[str, date]) -> None:
    """Register partners by origin, with the day they were first seen, as long as there is room."""
    registered = set(session.exec(select(Partner.origin).where(col(Partner.origin).in_(list(first_seen)))))
    new_origins = sorted(set(first_seen) - registered)
    if not new_origins:
        return
    partner_count = session.exec(select(func.count()).select_from(Partner)).one()
    for origin in new_origins[: max(0, MAX_PARTNERS - partner_count)]:
        try:
            with session.begin_nested():
                session.add(Partner(origin=origin, first_seen=first_seen[origin]))
        except IntegrityError:  # another server has just registered it
            continue


def _hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def add_partner(session: Session, origin: str, now: datetime) -> str:
    """Create the secret of a partner's statistics and return it, this once: only its hash is stored.

    Raises UserError when the origin is not a public host name, or has a secret already.
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
    """Revoke the secret of a partner; its counts stay. Raises UserError when it has none."""
    partner = session.get(Partner, origin.lower())
    if partner is None or partner.sha256 is None:
        raise UserError(f"{origin[:_MAX_HOST_LENGTH]} : aucune adresse privée (voir « ouvoir partner list »)")
    partner.sha256 = None
    session.add(partner)


def list_partners(session: Session) -> Sequence[Partner]:
    """Return the registered partners, in alphabetical order."""
    return session.exec(select(Partner).order_by(col(Partner.origin))).all()


def find_partner(session: Session, secret: str) -> Partner | None:
    """Return the partner of a secret; it is searched by hash, so that the response time reveals nothing."""
    return session.exec(select(Partner).where(Partner.sha256 == _hash_secret(secret))).first()
