"""What is watched on platforms: dated copies of their robots.txt."""

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from records.watch import RobotsCopy

LONGEST_COPY = 500_000
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
