"""Tables of what is watched on platforms, and of what agents are asked to look at."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.columns import word_of
from records.vocabulary import LinkFinding, TaskKind


class RobotsCopy(SQLModel, table=True):
    """A robots.txt as it stood between two moments: a dated proof of what a site allowed."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    host: str
    sha256: str
    body: str
    first_seen: datetime
    last_seen: datetime


class LinkCheck(SQLModel, table=True):
    """A link to a service's page and what the service last answered to it.

    `gone_days` counts the days in a row (in Paris) on which there was no such page, the last of them `gone_on`; from `hidden` on
    the offers that lead there are shown no more, until the page is back.
    """

    __table_args__ = (
        UniqueConstraint("platform_id", "url"),
        # What leads nowhere is a small part of what is checked.
        Index("ix_linkcheck_broken", "platform_id", sqlite_where=text("gone_days > 0"), postgresql_where=text("gone_days > 0")),
    )
    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    url: str
    checked: datetime = Field(index=True)
    finding: LinkFinding = Field(sa_type=word_of(LinkFinding))
    status: int | None = None
    gone_days: int = 0
    gone_on: date | None = None
    hidden: datetime | None = None


class Task(SQLModel, table=True):
    """Something that waits for an agent; closed with a reason, never erased.

    `opened_by` and `closed_by` are agents, or None for the program and the command line.
    """

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int | None = Field(default=None, foreign_key="platform.id", index=True)
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    kind: TaskKind = Field(sa_type=word_of(TaskKind))
    message: str
    opened: datetime
    closed: datetime | None = None
    closed_reason: str | None = None
    opened_by: int | None = Field(default=None, foreign_key="agent.id")
    assigned_to: int | None = Field(default=None, foreign_key="agent.id", index=True)
    closed_by: int | None = Field(default=None, foreign_key="agent.id")


class TaskComment(SQLModel, table=True):
    """What an agent says of a task."""

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id", index=True)
    agent_id: int = Field(foreign_key="agent.id")
    at: datetime
    text: str
