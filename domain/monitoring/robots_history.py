"""What is watched on platforms: dated copies of their robots.txt."""

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
    """The last robots.txt that a platform showed on a host (« cinema.example », its port when unusual)."""
    asked = select(RobotsCopy).where(col(RobotsCopy.platform_id) == platform_id, col(RobotsCopy.host) == host)
    return session.exec(asked.order_by(col(RobotsCopy.id).desc())).first()


def record_robots_copy(session: Session, platform_id: int, host: str, body: bytes, now: datetime) -> bool:
    """Keeps a dated copy of a robots.txt; whether it differs from the copy before. An absent file is an empty body."""
    before, seen = get_last_robots_copy(session, platform_id, host), hashlib.sha256(body).hexdigest()
    if before is not None and before.sha256 == seen:
        before.last_seen = now
        session.add(before)
        return False
    copy = RobotsCopy(
        platform_id=platform_id, host=host, sha256=seen, body=_decode_body(body), first_seen=now, last_seen=now
    )  # fmt: skip
    session.add(copy)
    session.flush()
    return before is not None


def _decode_body(body: bytes) -> str:
    """A copy that any database keeps: never too long, without the NUL that PostgreSQL refuses."""
    text = body[:MAX_COPY_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if len(body) <= MAX_COPY_BYTES else text + _TRUNCATION_NOTICE.format(size=len(body))


def list_changed_robots(session: Session, since: datetime) -> list[tuple[RobotsCopy, RobotsCopy]]:
    """The copies first seen since a moment that differ from the one before on the same host, each after it; the latest first."""
    before, other = aliased(RobotsCopy), aliased(RobotsCopy)
    last: Any = select_columns(func.max(col(other.id))).where(
        col(other.platform_id) == col(RobotsCopy.platform_id),
        col(other.host) == col(RobotsCopy.host),
        col(other.id) < col(RobotsCopy.id),
    )
    asked = select(RobotsCopy, before).join(before, col(before.id) == last.correlate(RobotsCopy).scalar_subquery())
    found = session.exec(asked.where(col(RobotsCopy.first_seen) >= since).order_by(col(RobotsCopy.id).desc())).all()
    return [(earlier, later) for later, earlier in found]


def get_previous_robots_copy(session: Session, copy: RobotsCopy) -> RobotsCopy | None:
    """The copy that a platform showed on the same host before this one."""
    asked = select(RobotsCopy).where(RobotsCopy.platform_id == copy.platform_id, RobotsCopy.host == copy.host)
    return session.exec(asked.where(col(RobotsCopy.id) < copy.id).order_by(col(RobotsCopy.id).desc())).first()


def list_robots_copies(session: Session) -> list[tuple[Platform, RobotsCopy]]:
    """Every copy, its text left out, by name of service, then host, the latest first."""
    asked = select(Platform, RobotsCopy).join(RobotsCopy, col(RobotsCopy.platform_id) == col(Platform.id))
    order = (col(Platform.name), col(Platform.id), col(RobotsCopy.host), col(RobotsCopy.id).desc())
    return [(platform, copy) for platform, copy in session.exec(asked.order_by(*order).options(_DEFER_BODY))]


def diff_robots(before: str, after: str) -> list[str]:
    """The lines that differ between two copies, as a unified diff without its head; the first thousand lines are compared."""
    earlier, later = (text.splitlines()[:MAX_COMPARED_LINES] for text in (before, after))
    return list(unified_diff(earlier, later, lineterm="", n=2))[2:]
