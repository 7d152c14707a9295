"""Tasks: what agents are asked to look at, by the program or by one another; closed with a reason, never erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import LegalBasis, TaskKind
from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.task import Task, TaskComment

MAX_TEXT_LENGTH = 1_000
"""Characters of a message, of a comment or of a reason."""


def open_task(session: Session, platform_id: int, kind: TaskKind, message: str, now: datetime) -> Task:
    """Asks agents to look at something; the task of that kind that the platform already has, if it is still open."""
    task = _find_open_task(session, platform_id, kind)
    if task is None:
        task = Task(platform_id=platform_id, kind=kind, message=message, opened_at=now)
        session.add(task)
        session.flush()
    return task


def _find_open_task(session: Session, platform_id: int, kind: TaskKind) -> Task | None:
    asked = select(Task).where(col(Task.platform_id) == platform_id, col(Task.kind) == kind, col(Task.closed_at).is_(None))
    return session.exec(asked).first()


def create_task(
    session: Session, agent: Agent, message: str, now: datetime, *, slug: str = "", film_id: int | None = None
) -> Task:
    """A free task of an agent, about a platform, a film or nothing. Raises Problem without a message, or on what is unknown."""
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first() if slug else None
    if slug and platform is None:
        raise UserError(f"service inconnu : « {clean_text(slug)} »")
    if film_id is not None and session.get(Film, film_id) is None:
        raise UserError(f"film inconnu : {film_id}")
    told = _validate_text(message, "dites en quelques mots ce qu'il y a à faire")
    task = Task(
        platform_id=platform.id if platform else None, film_id=film_id, kind=TaskKind.OTHER, message=told, opened_at=now,
        opened_by=agent.id,
    )  # fmt: skip
    session.add(task)
    session.flush()
    _log_task_event(session, task, agent, "task-opened", now, after={"message": told})
    return task


def _validate_text(text: str, expected: str) -> str:
    """What an agent wrote, on one line. Raises Problem when it is empty or too long."""
    told = clean_text(text)
    if not told:
        raise UserError(expected)
    if len(told) > MAX_TEXT_LENGTH:
        raise UserError(f"{MAX_TEXT_LENGTH} caractères au plus")
    return told


def _log_task_event(
    session: Session, task: Task, agent: Agent | None, action: str, now: datetime, before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    who = agent.id if agent else None
    log_audit_event(
        session, now, who, action, task_id=task.id, platform_id=task.platform_id, film_id=task.film_id, before=before, after=after
    )  # fmt: skip


def lock_task(session: Session, task_id: int) -> Task:
    """A task, kept from others until the transaction ends. Raises Problem when it is unknown."""
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
    """Puts an open task in somebody's hands, by login, or in nobody's (""). Raises Problem when it cannot be."""
    task = _lock_open_task(session, task_id)
    to = session.exec(select(Agent).where(Agent.login == login, col(Agent.disabled_at).is_(None))).first() if login else None
    if login and to is None:
        raise UserError(f"agent inconnu : {clean_text(login)}")
    held = session.get(Agent, task.assigned_to) if task.assigned_to else None
    if held is not to:
        task.assigned_to = to.id if to else None
        session.add(task)
        before, after = ({"assigned_to": who.login if who else None} for who in (held, to))
        _log_task_event(session, task, agent, "task-assigned", now, before, after)
    return task


def add_comment(session: Session, task_id: int, agent: Agent, text: str, now: datetime) -> TaskComment:
    """Adds what an agent says of a task. Raises Problem on an unknown task, or on nothing said."""
    task = lock_task(session, task_id)
    said = TaskComment(
        task_id=task_id, agent_id=agent.id or 0, posted_at=now, text=_validate_text(text, "un commentaire est attendu")
    )
    session.add(said)
    _log_task_event(session, task, agent, "task-commented", now, after={"comment": said.text})
    return said


def close_task(session: Session, task_id: int, reason: str, now: datetime, agent: Agent | None = None) -> Task:
    """Closes a task, saying why; `agent` is None on the command line.

    Raises Problem on an unknown or closed task, or without a reason.
    """
    task = _lock_open_task(session, task_id)
    told = _validate_text(reason, f"tâche {task_id} : une raison est attendue pour la clore")
    task.closed_at, task.closed_reason, task.closed_by = now, told, agent.id if agent else None
    session.add(task)
    _log_task_event(session, task, agent, "task-closed", now, {"closed": False}, {"closed": True, "reason": told})
    return task


def reopen_task(session: Session, task_id: int, agent: Agent, now: datetime) -> Task:
    """Opens a closed task again. Raises Problem when it is unknown or open, or when another of its kind waits already."""
    task = lock_task(session, task_id)
    if task.closed_at is None:
        raise UserError(f"tâche {task_id} : elle est déjà ouverte")
    own_kind = task.kind in (TaskKind.ROBOTS, TaskKind.LINKS) and task.platform_id
    if own_kind and (other := _find_open_task(session, task.platform_id or 0, task.kind)):
        raise UserError(f"tâche {task_id} : la tâche {other.id}, de même nature, est déjà ouverte")
    before = {"closed": True, "reason": task.closed_reason}
    task.closed_at = task.closed_reason = task.closed_by = None
    session.add(task)
    _log_task_event(session, task, agent, "task-reopened", now, before, {"closed": False})
    return task


def list_open_tasks(session: Session) -> Sequence[Task]:
    """What waits for an agent, oldest first."""
    return session.exec(select(Task).where(col(Task.closed_at).is_(None)).order_by(col(Task.id))).all()


def list_tasks(
    session: Session, agent: Agent, start: int, limit: int, closed: bool = False, kind: TaskKind | None = None
) -> Sequence[Task]:
    """The open tasks, the agent's own then those in nobody's hands first, oldest first; or the closed, the last first."""
    asked = select(Task).where(col(Task.closed_at).is_not(None) if closed else col(Task.closed_at).is_(None))
    if kind is not None:
        asked = asked.where(Task.kind == kind)
    mine, nobody = func.coalesce(col(Task.assigned_to) == agent.id, False), col(Task.assigned_to).is_(None)
    order = (col(Task.closed_at).desc(), col(Task.id).desc()) if closed else (mine.desc(), nobody.desc(), col(Task.id))
    return session.exec(asked.order_by(*order).offset(start).limit(limit)).all()


def list_comments(session: Session, task_id: int) -> Sequence[tuple[TaskComment, Agent]]:
    """What agents said of a task, in the order they said it."""
    asked = select(TaskComment, Agent).join(Agent, col(Agent.id) == col(TaskComment.agent_id))
    return session.exec(asked.where(TaskComment.task_id == task_id).order_by(col(TaskComment.id))).all()


def is_collection_paused(session: Session, platform: Platform) -> bool:
    """Whether an open platform waits until an agent has read its new robots.txt."""
    waits = platform.legal_basis is LegalBasis.OPEN and platform.id is not None
    return waits and _find_open_task(session, platform.id or 0, TaskKind.ROBOTS) is not None
