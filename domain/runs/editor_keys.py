"""Create, list, revoke and find the keys with which editors deliver their catalogues; only hashes are stored."""

import hashlib
import secrets
import string
import zlib
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.models.columns import get_id
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.runs.platforms import get_platform

_ALPHABET = string.digits + string.ascii_letters
_SECRET_LENGTH = 43  # 62^43 is just over 2^256
_CHECKSUM_LENGTH = 6
_PREFIXES = {False: "ouvoir_prod_", True: "ouvoir_recette_"}
_MAX_LABEL_LENGTH = 200
_USE_PRECISION = timedelta(minutes=10)


def _compute_checksum(text: str) -> str:
    """Return six characters made from the CRC of a text: a mistyped key is refused without asking the database."""
    remainder = zlib.crc32(text.encode())
    checksum = ""
    for _ in range(_CHECKSUM_LENGTH):
        remainder, digit = divmod(remainder, len(_ALPHABET))
        checksum = _ALPHABET[digit] + checksum
    return checksum


def _hash_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def is_well_formed_key(presented: str) -> bool:
    """Tell whether a text has the shape and the checksum of a key; it may still never have been created."""
    prefix = next((prefix for prefix in _PREFIXES.values() if presented.startswith(prefix)), None)
    if prefix is None or not presented.isascii() or len(presented) != len(prefix) + _SECRET_LENGTH + _CHECKSUM_LENGTH:
        return False
    return presented[-_CHECKSUM_LENGTH:] == _compute_checksum(presented[:-_CHECKSUM_LENGTH])


def create_key(session: Session, slug: str, label: str, recette: bool, now: datetime) -> str:
    """Create a key of the platform and return it, to be shown once: only its hash is stored.

    Raises UserError when the platform is unknown, closed or forbidden, or the label empty.
    """
    platform = get_platform(session, slug)
    if platform.status is PlatformStatus.CLOSED or platform.legal_basis is LegalBasis.FORBIDDEN:
        raise UserError(f"{slug} : plateforme fermée ou interdite, elle ne peut rien livrer")
    clean_label = clean_text(label)[:_MAX_LABEL_LENGTH]
    if not clean_label:
        raise UserError("un libellé est attendu : à qui la clé est donnée")
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    key = _PREFIXES[recette] + secret
    key += _compute_checksum(key)
    stored = EditorKey(
        platform_id=get_id(platform), label=clean_label, recette=recette, sha256=_hash_key(key), created_at=now
    )  # fmt: skip
    session.add(stored)
    session.flush()
    return key


def list_keys(session: Session, slug: str | None = None) -> list[tuple[EditorKey, Platform]]:
    """List the keys with their platforms, the oldest first, optionally those of one platform.

    Raises UserError when the slug is unknown.
    """
    query = select(EditorKey, Platform).join(Platform).order_by(col(EditorKey.id))
    if slug is not None:
        query = query.where(col(Platform.id) == get_platform(session, slug).id)
    return [(key, platform) for key, platform in session.exec(query)]


def revoke_key(session: Session, key_id: int, now: datetime) -> EditorKey:
    """End a key at once. Raises UserError when it is unknown or already revoked."""
    key = session.get(EditorKey, key_id)
    if key is None:
        raise UserError(f"clé inconnue : {key_id} (voir « ouvoir editor-key list »)")
    if key.revoked_at is not None:
        raise UserError(f"clé {key_id} : déjà révoquée")
    key.revoked_at = now
    session.add(key)
    return key


def find_key(session: Session, presented: str) -> tuple[EditorKey, Platform] | None:
    """Return the key in force that a text is, with its platform; None when unknown or revoked, without saying which.

    The text is looked up by its hash, so that the time of the answer says nothing of the keys that exist.
    """
    if not is_well_formed_key(presented):
        return None
    query = select(EditorKey, Platform).join(Platform).where(col(EditorKey.sha256) == _hash_key(presented))
    row = session.exec(query.where(col(EditorKey.revoked_at).is_(None))).first()
    return (row[0], row[1]) if row else None


def is_last_use_stale(key: EditorKey, now: datetime) -> bool:
    """Tell whether the stored last use is old enough to be updated."""
    return key.last_used_at is None or now - key.last_used_at > _USE_PRECISION


def touch_key(session: Session, key_id: int, now: datetime) -> None:
    """Store the moment of the last use."""
    key = session.get_one(EditorKey, key_id)
    key.last_used_at = now
    session.add(key)
