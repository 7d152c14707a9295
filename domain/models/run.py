"""Tables of the runs that collect catalogues, with their issues and their observations."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.common.enums import IssueLevel, Outcome, RunState
from domain.models.columns import build_enum_type


class Run(SQLModel, table=True):
    """Store one collection of one platform's catalogue, or one delivery of its editor.

    `counts` is a `domain.runs.validation.RunCounts`, `hold_reasons` a list of `domain.runs.hold_reasons.HoldReason`, and
    `documents` names what was downloaded: address, SHA-256 and moment. `reason` is what the person wrote who accepted or rejected
    the run; `decided_by` is that agent, None on the command line.
    """

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    state: RunState = Field(default=RunState.OPEN, sa_type=build_enum_type(RunState))
    outcome: Outcome | None = Field(default=None, sa_type=build_enum_type(Outcome))
    hold_reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    documents: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    code_version: str
    started_at: datetime
    ended_at: datetime | None = Field(default=None, index=True)
    reason: str | None = None
    decided_by: int | None = Field(default=None, foreign_key="agent.id")


class RunIssue(SQLModel, table=True):
    """Store a problem met during a run that a person may have to act on.

    Only the first issues of a kind are stored one by one. A last row then counts the others: `omitted_count` is their number,
    None for an issue proper, and its `ref` and `message` are empty.
    """

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    level: IssueLevel = Field(sa_type=build_enum_type(IssueLevel))
    kind: str
    ref: str = ""
    message: str
    omitted_count: int | None = None


class Observation(SQLModel, table=True):
    """Store one title as a run saw it, apart from the live tables. `payload` is a `domain.runs.observation.ObservedEntry`."""

    __table_args__ = (UniqueConstraint("run_id", "ref"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    ref: str
    payload: dict[str, Any] = Field(sa_type=JSON)
