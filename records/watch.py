"""Tables of what is watched on platforms, and of what agents are asked to look at."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from records.columns import word_of
from records.vocabulary import TaskKind


class RobotsCopy(SQLModel, table=True):
    """A robots.txt as it stood between two moments: a dated proof of what a site allowed."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    host: str
    sha256: str
    body: str
    first_seen: datetime
    last_seen: datetime


class Task(SQLModel, table=True):
    """Something that waits for an agent; closed with a reason, never erased."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int | None = Field(default=None, foreign_key="platform.id", index=True)
    kind: TaskKind = Field(sa_type=word_of(TaskKind))
    message: str
    opened: datetime
    closed: datetime | None = None
    closed_reason: str | None = None
