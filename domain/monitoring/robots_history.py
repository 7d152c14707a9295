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

LONGEST_COPY = 500_000
LONGEST_COMPARED = 1_000
"""Lines of a copy that are compared: comparing takes the longer, the more alike they are, and a site may write what it likes."""
_WITHOUT_TEXT: Any = defer(RobotsCopy.body, raiseload=True)  # type: ignore[arg-type]
_CUT = "\n# […] copie coupée ici : le fichier fait {size} octets"


def last_copy(session: Session, platform_id: int, host: str) -> RobotsCopy | None:
    """The last robots.txt that a platform showed on a host (« cinema.example », its port when unusual)."""
    asked = select(RobotsCopy).where(col(RobotsCopy.platform_id) == platform_id, col(RobotsCopy.host) == host)
    return session.exec(asked.order_by(col(RobotsCopy.id).desc())).first()


def note_robots(session: Session, platform_id: int, host: str, body: bytes, now: datetime) -> bool:
    """Keeps a dated copy of a robots.txt; whether it differs from the copy before. An absent file is an empty body."""
    before, seen = last_copy(session, platform_id, host), hashlib.sha256(body).hexdigest()
    if before is not None and before.sha256 == seen:
        before.last_seen = now
        session.add(before)
        return False
    copy = RobotsCopy(
        platform_id=platform_id, host=host, sha256=seen, body=_as_text(body), first_seen=now, last_seen=now
    )  # fmt: skip
    session.add(copy)
    session.flush()
    return before is not None


def _as_text(body: bytes) -> str:
    """A copy that any database keeps: never too long, without the NUL that PostgreSQL refuses."""
    text = body[:LONGEST_COPY].decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if len(body) <= LONGEST_COPY else text + _CUT.format(size=len(body))


def changed_robots(session: Session, since: datetime) -> list[tuple[RobotsCopy, RobotsCopy]]:
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


def copy_before(session: Session, copy: RobotsCopy) -> RobotsCopy | None:
    """The copy that a platform showed on the same host before this one."""
    asked = select(RobotsCopy).where(RobotsCopy.platform_id == copy.platform_id, RobotsCopy.host == copy.host)
    return session.exec(asked.where(col(RobotsCopy.id) < copy.id).order_by(col(RobotsCopy.id).desc())).first()


def list_copies(session: Session) -> list[tuple[Platform, RobotsCopy]]:
    """Every copy, its text left out, by name of service, then host, the latest first."""
    asked = select(Platform, RobotsCopy).join(RobotsCopy, col(RobotsCopy.platform_id) == col(Platform.id))
    order = (col(Platform.name), col(Platform.id), col(RobotsCopy.host), col(RobotsCopy.id).desc())
    return [(platform, copy) for platform, copy in session.exec(asked.order_by(*order).options(_WITHOUT_TEXT))]


def differences(before: str, after: str) -> list[str]:
    """The lines that differ between two copies, as a unified diff without its head; the first thousand lines are compared."""
    earlier, later = (text.splitlines()[:LONGEST_COMPARED] for text in (before, after))
    return list(unified_diff(earlier, later, lineterm="", n=2))[2:]
