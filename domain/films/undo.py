"""List what agents did to a film, and undo the last of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.errors import UserError
from domain.films.edits import lock_film
from domain.films.merge import undo_merge
from domain.films.snapshot import revert_changes
from domain.films.split import undo_split
from domain.models.agent import Agent, AuditLine

_EDIT_ACTIONS = ("film-edit", "film-give-back", "film-title", "film-title-removed", "film-number", "film-number-removed")
MERGE, SPLIT, UNDO = "film-merge", "film-split", "film-undo"


def list_film_audit_lines(session: Session, film_id: int, limit: int = 100) -> Sequence[AuditLine]:
    """Return the acts in the audit trail that name a film, the latest first."""
    stmt = select(AuditLine).where(AuditLine.film_id == film_id).order_by(col(AuditLine.id).desc())
    return session.exec(stmt.limit(limit)).all()


def get_last_correction(session: Session, film_id: int) -> AuditLine | None:
    """Return the last correction of a film that was not undone, or None."""
    is_correction = col(AuditLine.action).in_((*_EDIT_ACTIONS, MERGE, SPLIT, UNDO))
    stmt = select(AuditLine).where(AuditLine.film_id == film_id, is_correction).order_by(col(AuditLine.id).desc())
    undone_ids: set[int] = set()
    for event in session.exec(stmt):
        if event.action == UNDO:
            undone_ids.add(event.detail["act"])
        elif event.id not in undone_ids:
            return event
    return None


def undo_correction(session: Session, film_id: int, agent: Agent, act_id: int, now: datetime) -> AuditLine:
    """Undo the last act on a film, which the agent named. Raises UserError when it is not the last, or cannot be undone."""
    film = lock_film(session, film_id)
    event = get_last_correction(session, film_id)
    if event is None or event.id != act_id:
        raise UserError("un autre acte porte sur cette fiche depuis : relisez-la, et annulez d’abord le dernier")
    film.updated_at = now
    session.add(film)
    if event.action == MERGE:
        undo_merge(session, event, now)
    elif event.action == SPLIT:
        undo_split(session, event, now)
    else:
        revert_changes(session, film, event.before or {}, event.after or {})
    detail = {"act": event.id, "action": event.action}
    return log_audit_event(session, now, agent.id, UNDO, film_id=film_id, detail=detail, before=event.after, after=event.before)
