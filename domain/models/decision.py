"""Columns that the tables of decisions share: who decided, and why."""

from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from domain.common.enums import AuthorKind, ReasonCode
from domain.models.columns import build_enum_type


class AuthoredRow(SQLModel):
    """Store who decided: an agent by id, or the matcher by its version.

    `author_label` is the name of a source of open data, or the text of an author recorded before these columns existed.
    """

    author_kind: AuthorKind = Field(sa_type=build_enum_type(AuthorKind), sa_column_kwargs={"server_default": "legacy"})
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    matcher_version: str = Field(default="", sa_column_kwargs={"server_default": ""})
    author_label: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ReasonedRow(SQLModel):
    """Store why something was decided: the rule, veto or act that decided, and what it bears on."""

    reason_code: ReasonCode = Field(sa_type=build_enum_type(ReasonCode), sa_column_kwargs={"server_default": "legacy"})
    reason_params: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})


class DecidedRow(AuthoredRow, ReasonedRow):
    """Store who decided and why; `earlier_reasons` are the rules that applied before the one that decided, in order.

    `weights_by_level` are what each comparison with the most probable film weighed, in log-odds, by its name and level:
    {"title.exact": 1.9}; empty for a person's decision.
    """

    weights_by_level: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    earlier_reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
