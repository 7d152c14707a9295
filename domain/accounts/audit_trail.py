"""The trail of what agents do: written once, never changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.models.agent import AuditLine

MAX_REASON_LENGTH = 1_000


def parse_reason(written: str) -> str:
    """The reason of an act, on one line. Raises Problem when there is none, or when it is too long."""
    told = clean_text(written)
    if not 0 < len(told) <= MAX_REASON_LENGTH:
        raise UserError(f"une raison est attendue, en quelques mots ({MAX_REASON_LENGTH} caractères au plus)")
    return told


def log_audit_event(
    session: Session,
    now: datetime,
    agent_id: int | None,
    action: str,
    *,
    case_id: int | None = None,
    entry_id: int | None = None,
    film_id: int | None = None,
    run_id: int | None = None,
    platform_id: int | None = None,
    task_id: int | None = None,
    detail: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditLine:
    """One act of an agent, or of nobody known, on what it bears on; `before` and `after` are what it changed."""
    line = AuditLine(
        logged_at=now,
        agent_id=agent_id,
        action=action,
        case_id=case_id,
        entry_id=entry_id,
        film_id=film_id,
        run_id=run_id,
        platform_id=platform_id,
        task_id=task_id,
        detail=detail or {},
        before=before,
        after=after,
    )
    session.add(line)
    session.flush()
    return line
