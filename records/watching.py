"""What is watched on platforms: dated copies of their robots.txt, and what agents are asked to look at."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from records.catalogue import Platform
from records.errors import Problem
from records.vocabulary import LegalBasis, TaskKind
from records.watch import RobotsCopy, Task

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


def open_task(session: Session, platform_id: int, kind: TaskKind, message: str, now: datetime) -> Task:
    """Asks agents to look at something; the task of that kind that the platform already has, if it is still open."""
    asked = select(Task).where(col(Task.platform_id) == platform_id, col(Task.kind) == kind, col(Task.closed).is_(None))
    task = session.exec(asked).first()
    if task is None:
        task = Task(platform_id=platform_id, kind=kind, message=message, opened=now)
        session.add(task)
        session.flush()
    return task


def open_tasks(session: Session) -> Sequence[Task]:
    """What waits for an agent, oldest first."""
    return session.exec(select(Task).where(col(Task.closed).is_(None)).order_by(col(Task.id))).all()


def close_task(session: Session, task_id: int, reason: str, now: datetime) -> Task:
    """Closes a task, saying why. Raises Problem on an unknown or closed task, or without a reason."""
    task = session.get(Task, task_id)
    if task is None:
        raise Problem(f"tâche inconnue : {task_id} (voir « ouvoir tasks »)")
    if task.closed is not None:
        raise Problem(f"tâche {task_id} : déjà close ({task.closed_reason})")
    if not reason.strip():
        raise Problem(f"tâche {task_id} : une raison est attendue pour la clore")
    task.closed, task.closed_reason = now, reason.strip()
    session.add(task)
    return task


def is_paused(session: Session, platform: Platform) -> bool:
    """Whether an open platform waits until an agent has read its new robots.txt."""
    if platform.legal_basis is not LegalBasis.OPEN:
        return False
    asked = select(Task.id).where(col(Task.platform_id) == platform.id, col(Task.closed).is_(None))
    return session.exec(asked.where(col(Task.kind) == TaskKind.ROBOTS)).first() is not None
