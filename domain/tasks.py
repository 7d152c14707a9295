"""Open, assign, comment on and close tasks: what agents are asked to look at, by the program or by one another."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import LegalBasis, TaskKind
from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.task import Task, TaskComment

MAX_TEXT_LENGTH = 1_000
"""Characters of a message, of a comment or of a reason."""


def open_task(session: Session, platform_id: int, kind: TaskKind, message: str, now: datetime) -> Task:
    """Open a task of a kind about a platform, or return the one that is still open."""
    task = _find_open_task(session, platform_id, kind)
    if task is None:
        task = Task(platform_id=platform_id, kind=kind, message=message, opened_at=now)
        session.add(task)
        session.flush()
    return task


def _find_open_task(session: Session, platform_id: int, kind: TaskKind) -> Task | None:
    query = select(Task).where(col(Task.platform_id) == platform_id, col(Task.kind) == kind, col(Task.closed_at).is_(None))
    return session.exec(query).first()


def create_task(
    session: Session, agent: Agent, message: str, now: datetime, *, slug: str = "", film_id: int | None = None
) -> Task:
    """Create a task as an agent asks, about a platform, a film or neither.

    Raises UserError without a message, or on an unknown platform or film.
    """
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first() if slug else None
    if slug and platform is None:
        raise UserError(f"service inconnu : « {clean_text(slug)} »")
    if film_id is not None and session.get(Film, film_id) is None:
        raise UserError(f"film inconnu : {film_id}")
    clean_message = _validate_text(message, "dites en quelques mots ce qu'il y a à faire")
    platform_id = platform.id if platform else None
    task = Task(
        platform_id=platform_id, film_id=film_id, kind=TaskKind.OTHER, message=clean_message, opened_at=now, opened_by=agent.id
    )
    session.add(task)
    session.flush()
    _log_task_event(session, task, agent, "task-opened", now, after={"message": clean_message})
    return task


def _validate_text(text: str, expected: str) -> str:
    """Return what an agent wrote on one line. Raises UserError when it is empty or too long."""
    cleaned = clean_text(text)
    if not cleaned:
        raise UserError(expected)
    if len(cleaned) > MAX_TEXT_LENGTH:
        raise UserError(f"{MAX_TEXT_LENGTH} caractères au plus")
    return cleaned


def _log_task_event(
    session: Session,
    task: Task,
    agent: Agent | None,
    action: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    agent_id = agent.id if agent else None
    log_audit_event(
        session,
        now,
        agent_id,
        action,
        task_id=task.id,
        platform_id=task.platform_id,
        film_id=task.film_id,
        before=before,
        after=after,
    )


def lock_task(session: Session, task_id: int) -> Task:
    """Return a task, locked until the transaction ends. Raises UserError when it is unknown."""
    task = session.exec(select(Task).where(Task.id == task_id).with_for_update()).first()
    if task is None:
        raise UserError(f"tâche inconnue : {task_id} (voir « ouvoir tasks »)")
    return task


def _lock_open_task(session: Session, task_id: int) -> Task:
    task = lock_task(session, task_id)
    if task.closed_at is not None:
        raise UserError(f"tâche {task_id} : déjà close ({task.closed_reason})")
    return task


def assign_task(session: Session, task_id: int, agent: Agent, login: str, now: datetime) -> Task:
    """Assign an open task to the agent with a login, or to nobody when it is empty.

    Raises UserError on a task that is unknown or closed, or on an unknown agent.
    """
    task = _lock_open_task(session, task_id)
    assignee = _find_active_agent(session, login) if login else None
    former = session.get(Agent, task.assigned_to) if task.assigned_to else None
    if former is assignee:
        return task
    task.assigned_to = assignee.id if assignee else None
    session.add(task)
    before = {"assigned_to": former.login if former else None}
    after = {"assigned_to": assignee.login if assignee else None}
    _log_task_event(session, task, agent, "task-assigned", now, before, after)
    return task


def _find_active_agent(session: Session, login: str) -> Agent:
    agent = session.exec(select(Agent).where(Agent.login == login, col(Agent.disabled_at).is_(None))).first()
    if agent is None:
        raise UserError(f"agent inconnu : {clean_text(login)}")
    return agent


def add_comment(session: Session, task_id: int, agent: Agent, text: str, now: datetime) -> TaskComment:
    """Add the comment of an agent on a task. Raises UserError on an unknown task, or without a text."""
    task = lock_task(session, task_id)
    clean_comment = _validate_text(text, "un commentaire est attendu")
    comment = TaskComment(task_id=task_id, agent_id=get_id(agent), posted_at=now, text=clean_comment)
    session.add(comment)
    _log_task_event(session, task, agent, "task-commented", now, after={"comment": comment.text})
    return comment


def close_task(session: Session, task_id: int, reason: str, now: datetime, agent: Agent | None = None) -> Task:
    """Close a task with a reason; `agent` is None on the command line.

    Raises UserError on an unknown or closed task, or without a reason.
    """
    task = _lock_open_task(session, task_id)
    clean_reason = _validate_text(reason, f"tâche {task_id} : une raison est attendue pour la clore")
    task.closed_at = now
    task.closed_reason = clean_reason
    task.closed_by = agent.id if agent else None
    session.add(task)
    _log_task_event(session, task, agent, "task-closed", now, {"closed": False}, {"closed": True, "reason": clean_reason})
    return task


def reopen_task(session: Session, task_id: int, agent: Agent, now: datetime) -> Task:
    """Open a closed task again. Raises UserError when it is unknown or open, or when another of its kind is open."""
    task = lock_task(session, task_id)
    if task.closed_at is None:
        raise UserError(f"tâche {task_id} : elle est déjà ouverte")
    if task.platform_id is not None and task.kind in (TaskKind.ROBOTS, TaskKind.LINKS):
        other = _find_open_task(session, task.platform_id, task.kind)
        if other is not None:
            raise UserError(f"tâche {task_id} : la tâche {other.id}, de même nature, est déjà ouverte")
    before = {"closed": True, "reason": task.closed_reason}
    task.closed_at = None
    task.closed_reason = None
    task.closed_by = None
    session.add(task)
    _log_task_event(session, task, agent, "task-reopened", now, before, {"closed": False})
    return task


def list_open_tasks(session: Session) -> Sequence[Task]:
    """List the open tasks, the oldest first."""
    return session.exec(select(Task).where(col(Task.closed_at).is_(None)).order_by(col(Task.id))).all()


def list_tasks(
    session: Session, agent: Agent, start: int, limit: int, closed: bool = False, kind: TaskKind | None = None
) -> Sequence[Task]:
    """List the open tasks, the agent's own then the unassigned first, oldest first; or the closed ones, last closed first."""
    is_closed = col(Task.closed_at).is_not(None)
    query = select(Task).where(is_closed if closed else ~is_closed)
    if kind is not None:
        query = query.where(Task.kind == kind)
    if closed:
        query = query.order_by(col(Task.closed_at).desc(), col(Task.id).desc())
    else:
        is_own = func.coalesce(col(Task.assigned_to) == agent.id, False)
        is_unassigned = col(Task.assigned_to).is_(None)
        query = query.order_by(is_own.desc(), is_unassigned.desc(), col(Task.id))
    return session.exec(query.offset(start).limit(limit)).all()


def list_comments(session: Session, task_id: int) -> Sequence[tuple[TaskComment, Agent]]:
    """List the comments on a task with their authors, the oldest first."""
    query = select(TaskComment, Agent).join(Agent, col(Agent.id) == col(TaskComment.agent_id))
    return session.exec(query.where(TaskComment.task_id == task_id).order_by(col(TaskComment.id))).all()


def is_collection_paused(session: Session, platform: Platform) -> bool:
    """Tell whether an open platform is not collected until an agent has read its new robots.txt."""
    if platform.legal_basis is not LegalBasis.OPEN or platform.id is None:
        return False
    return _find_open_task(session, platform.id, TaskKind.ROBOTS) is not None
