"""Keys of editors: made here, shown once, kept as a hash only."""

import hashlib
import secrets
import string
import zlib
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.runs.platforms import get_platform

_ALPHABET = string.digits + string.ascii_letters
_SECRET_LENGTH, _CHECK_LENGTH = 43, 6  # 62^43 is just over 2^256
_PREFIXES = {False: "ouvoir_prod_", True: "ouvoir_recette_"}
_USE_PRECISION = timedelta(minutes=10)


def _compute_checksum(text: str) -> str:
    """Six signs drawn from the CRC of a text: a slip of the hand shows before the register is asked."""
    left, signs = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK_LENGTH):
        left, digit = divmod(left, len(_ALPHABET))
        signs = _ALPHABET[digit] + signs
    return signs


def _hash_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def is_well_formed_key(presented: str) -> bool:
    """Whether a text has the shape of a key and its check signs; says nothing of whether it was ever given."""
    prefix = next((prefix for prefix in _PREFIXES.values() if presented.startswith(prefix)), None)
    if prefix is None or not presented.isascii() or len(presented) != len(prefix) + _SECRET_LENGTH + _CHECK_LENGTH:
        return False
    return presented[-_CHECK_LENGTH:] == _compute_checksum(presented[:-_CHECK_LENGTH])


def create_key(session: Session, slug: str, label: str, recette: bool, now: datetime) -> str:
    """A new key of the platform, to be shown once: only its hash is kept.

    Raises Problem when the platform is unknown, closed or forbidden, or the label empty.
    """
    platform = get_platform(session, slug)
    if platform.status is PlatformStatus.CLOSED or platform.legal_basis is LegalBasis.FORBIDDEN:
        raise UserError(f"{slug} : plateforme fermée ou interdite, elle ne peut rien livrer")
    if not (told := clean_text(label)[:200]):
        raise UserError("un libellé est attendu : à qui la clé est donnée")
    assert platform.id is not None
    bare = _PREFIXES[recette] + "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    key = bare + _compute_checksum(bare)
    session.add(EditorKey(platform_id=platform.id, label=told, recette=recette, sha256=_hash_key(key), created_at=now))
    session.flush()
    return key


def list_keys(session: Session, slug: str | None = None) -> list[tuple[EditorKey, Platform]]:
    """Every key, or those of one platform, with its platform, the oldest first. Raises Problem when the slug is unknown."""
    asked = select(EditorKey, Platform).join(Platform).order_by(col(EditorKey.id))
    if slug is not None:
        asked = asked.where(col(Platform.id) == get_platform(session, slug).id)
    return [(key, platform) for key, platform in session.exec(asked)]


def revoke_key(session: Session, key_id: int, now: datetime) -> EditorKey:
    """Ends a key at once. Raises Problem when there is none of that number, or it was ended before."""
    key = session.get(EditorKey, key_id)
    if key is None:
        raise UserError(f"clé inconnue : {key_id} (voir « ouvoir editor-key list »)")
    if key.revoked_at is not None:
        raise UserError(f"clé {key_id} : déjà révoquée")
    key.revoked_at = now
    session.add(key)
    return key


def find_key(session: Session, presented: str) -> tuple[EditorKey, Platform] | None:
    """The key in force that a text is, with its platform; None when unknown or revoked, without saying which.

    The text is looked for by its hash, so that the time of the answer says nothing of the keys that exist.
    """
    if not is_well_formed_key(presented):
        return None
    asked = select(EditorKey, Platform).join(Platform).where(col(EditorKey.sha256) == _hash_key(presented))
    found = session.exec(asked.where(col(EditorKey.revoked_at).is_(None))).first()
    return (found[0], found[1]) if found else None


def is_last_use_stale(key: EditorKey, now: datetime) -> bool:
    """Whether the last use noted is old enough to be written anew."""
    return key.last_used_at is None or now - key.last_used_at > _USE_PRECISION


def touch_key(session: Session, key_id: int, now: datetime) -> None:
    """Keeps the moment of a use, to ten minutes."""
    key = session.get_one(EditorKey, key_id)
    key.last_used_at = now
    session.add(key)
