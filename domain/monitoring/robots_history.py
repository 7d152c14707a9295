"""Store dated copies of platforms' robots.txt, and compare them."""

import hashlib
from datetime import datetime
from difflib import unified_diff
from typing import Any

from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, func, select

from domain.models.platform import Platform
from domain.models.robots import RobotsCopy

MAX_COPY_BYTES = 500_000
MAX_COMPARED_LINES = 1_000
"""Lines of a copy that are compared: comparing takes the longer, the more alike they are, and a site may write what it likes."""
_DEFER_BODY: Any = defer(RobotsCopy.body, raiseload=True)  # type: ignore[arg-type]
_TRUNCATION_NOTICE = "\n# […] copie coupée ici : le fichier fait {size} octets"


def get_last_robots_copy(session: Session, platform_id: int, host: str) -> RobotsCopy | None:
    """Return the last robots.txt of a platform on a host (« cinema.example », with its port when unusual)."""
    query = select(RobotsCopy).where(col(RobotsCopy.platform_id) == platform_id, col(RobotsCopy.host) == host)
    return session.exec(query.order_by(col(RobotsCopy.id).desc())).first()


def record_robots_copy(session: Session, platform_id: int, host: str, body: bytes, now: datetime) -> bool:
    """Store a dated copy of a robots.txt, with an empty body for an absent file. Tells whether it differs from the last."""
    last = get_last_robots_copy(session, platform_id, host)
    sha256 = hashlib.sha256(body).hexdigest()
    if last is not None and last.sha256 == sha256:
        last.last_seen = now
        session.add(last)
        return False
    copy = RobotsCopy(
        platform_id=platform_id, host=host, sha256=sha256, body=_decode_body(body), first_seen=now, last_seen=now
    )  # fmt: skip
    session.add(copy)
    session.flush()
    return last is not None


def _decode_body(body: bytes) -> str:
    """Return a text that any database stores: not too long, without the NUL that PostgreSQL refuses."""
    text = body[:MAX_COPY_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    if len(body) > MAX_COPY_BYTES:
        text += _TRUNCATION_NOTICE.format(size=len(body))
    return text


def list_changed_robots(session: Session, since: datetime) -> list[tuple[RobotsCopy, RobotsCopy]]:
    """List the copies first seen since a moment that replaced another on the same host, as (before, after), the latest first."""
    before = aliased(RobotsCopy)
    other = aliased(RobotsCopy)
    previous_id: Any = select_columns(func.max(col(other.id))).where(
        col(other.platform_id) == col(RobotsCopy.platform_id),
        col(other.host) == col(RobotsCopy.host),
        col(other.id) < col(RobotsCopy.id),
    )
    query = select(RobotsCopy, before).join(before, col(before.id) == previous_id.correlate(RobotsCopy).scalar_subquery())
    rows = session.exec(query.where(col(RobotsCopy.first_seen) >= since).order_by(col(RobotsCopy.id).desc())).all()
    return [(earlier, later) for later, earlier in rows]


def get_previous_robots_copy(session: Session, copy: RobotsCopy) -> RobotsCopy | None:
    """Return the copy that came before this one on the same host, None for the first."""
    query = select(RobotsCopy).where(RobotsCopy.platform_id == copy.platform_id, RobotsCopy.host == copy.host)
    return session.exec(query.where(col(RobotsCopy.id) < copy.id).order_by(col(RobotsCopy.id).desc())).first()


def list_robots_copies(session: Session) -> list[tuple[Platform, RobotsCopy]]:
    """List every copy without its text, by name of platform, then host, the latest first."""
    query = select(Platform, RobotsCopy).join(RobotsCopy, col(RobotsCopy.platform_id) == col(Platform.id))
    order = (col(Platform.name), col(Platform.id), col(RobotsCopy.host), col(RobotsCopy.id).desc())
    return [(platform, copy) for platform, copy in session.exec(query.order_by(*order).options(_DEFER_BODY))]


def diff_robots(before: str, after: str) -> list[str]:
    """Return the unified diff of two copies without its header; only their first thousand lines are compared."""
    earlier, later = (text.splitlines()[:MAX_COMPARED_LINES] for text in (before, after))
    return list(unified_diff(earlier, later, lineterm="", n=2))[2:]
