"""Log what agents do in the audit trail, which is written once and never changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.models.agent import AuditLine

MAX_REASON_LENGTH = 1_000


def parse_reason(text: str) -> str:
    """Return the reason of an act on one line. Raises UserError when it is empty or too long."""
    reason = clean_text(text)
    if not 0 < len(reason) <= MAX_REASON_LENGTH:
        raise UserError(f"une raison est attendue, en quelques mots ({MAX_REASON_LENGTH} caractères au plus)")
    return reason


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
    """Log one act and the rows that it concerns; `before` and `after` are what it changed, `agent_id` None for the program."""
    event = AuditLine(
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
    session.add(event)
    session.flush()
    return event
