"""The trail of what agents do: written once, never changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.common.errors import Problem
from domain.common.text import clean
from domain.models.agent import AuditLine

LONGEST_REASON = 1_000


def read_reason(written: str) -> str:
    """The reason of an act, on one line. Raises Problem when there is none, or when it is too long."""
    told = clean(written)
    if not 0 < len(told) <= LONGEST_REASON:
        raise Problem(f"une raison est attendue, en quelques mots ({LONGEST_REASON} caractères au plus)")
    return told


def note(
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
        at=now,
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
