"""Tables of the tasks that wait for an agent."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from domain.common.enums import TaskKind
from domain.models.columns import build_enum_type


class Task(SQLModel, table=True):
    """Store something that an agent must look at; it is closed with a reason, never deleted.

    `opened_by` and `closed_by` are agents, None for the program and the command line.
    """

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int | None = Field(default=None, foreign_key="platform.id", index=True)
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    kind: TaskKind = Field(sa_type=build_enum_type(TaskKind))
    message: str
    opened_at: datetime
    closed_at: datetime | None = None
    closed_reason: str | None = None
    opened_by: int | None = Field(default=None, foreign_key="agent.id")
    assigned_to: int | None = Field(default=None, foreign_key="agent.id", index=True)
    closed_by: int | None = Field(default=None, foreign_key="agent.id")


class TaskComment(SQLModel, table=True):
    """Store a comment of an agent on a task."""

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id", index=True)
    agent_id: int = Field(foreign_key="agent.id")
    posted_at: datetime
    text: str
