"""Tables of what platforms say: runs, observations, entries, offers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.common.enums import IssueLevel, Outcome, RunState
from domain.models.columns import build_enum_type


class Run(SQLModel, table=True):
    """One collection of one platform. `counts` is a `domain.runs.validation.RunCounts`.

    `reason` is what a person said who accepted or rejected it, `decided_by` that person when it was at the desk.
    """

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    state: RunState = Field(default=RunState.OPEN, sa_type=build_enum_type(RunState))
    outcome: Outcome | None = Field(default=None, sa_type=build_enum_type(Outcome))
    verdict: str = ""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    documents: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    code_version: str
    started_at: datetime
    ended_at: datetime | None = Field(default=None, index=True)
    reason: str | None = None
    decided_by: int | None = Field(default=None, foreign_key="agent.id")


class RunIssue(SQLModel, table=True):
    """Something seen during a run that a person may have to act on."""

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    level: IssueLevel = Field(sa_type=build_enum_type(IssueLevel))
    kind: str
    ref: str = ""
    message: str


class Observation(SQLModel, table=True):
    """One line as a run saw it, kept apart from the live tables. `payload` is a `domain.runs.observation.Observed`."""

    __table_args__ = (UniqueConstraint("run_id", "ref"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    ref: str
    payload: dict[str, Any] = Field(sa_type=JSON)
