"""The trail of what agents do: written once, never changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from records.desk import AuditLine


def note(
    session: Session,
    now: datetime,
    agent_id: int | None,
    action: str,
    *,
    case_id: int | None = None,
    entry_id: int | None = None,
    film_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditLine:
    """One act of an agent, or of nobody known, on a case, an entry and a film where there are."""
    line = AuditLine(
        at=now, agent_id=agent_id, action=action, case_id=case_id, entry_id=entry_id, film_id=film_id, detail=detail or {}
    )  # fmt: skip
    session.add(line)
    session.flush()
    return line
