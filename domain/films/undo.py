"""What persons did to a film, and the last of it taken back."""

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
    """Every act at the desk that names a film, the latest first."""
    asked = select(AuditLine).where(AuditLine.film_id == film_id).order_by(col(AuditLine.id).desc())
    return session.exec(asked.limit(limit)).all()


def get_last_correction(session: Session, film_id: int) -> AuditLine | None:
    """The last correction of a film that was not taken back; None when there is none."""
    kinds = col(AuditLine.action).in_((*_EDIT_ACTIONS, MERGE, SPLIT, UNDO))
    asked = select(AuditLine).where(AuditLine.film_id == film_id, kinds).order_by(col(AuditLine.id).desc())
    undone: set[int] = set()
    for act in session.exec(asked):
        if act.action == UNDO:
            undone.add(act.detail["act"])
        elif act.id not in undone:
            return act
    return None


def undo_correction(session: Session, film_id: int, agent: Agent, act_id: int, now: datetime) -> AuditLine:
    """Takes back the last act on a film, which the agent named. Raises Problem when it is not the last, or cannot be any more."""
    film = lock_film(session, film_id)
    act = get_last_correction(session, film_id)
    if act is None or act.id != act_id:
        raise UserError("un autre acte porte sur cette fiche depuis : relisez-la, et annulez d’abord le dernier")
    film.updated_at = now
    session.add(film)
    if act.action == MERGE:
        undo_merge(session, act, now)
    elif act.action == SPLIT:
        undo_split(session, act, now)
    else:
        revert_changes(session, film, act.before or {}, act.after or {})
    detail = {"act": act.id, "action": act.action}
    return log_audit_event(session, now, agent.id, UNDO, film_id=film_id, detail=detail, before=act.after, after=act.before)
