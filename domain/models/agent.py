"""Tables of agents, of their sessions and of the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from domain.common.enums import Role
from domain.models.columns import build_enum_type


class Agent(SQLModel, table=True):
    """Store the account of a person who works in the staff pages. `login` is folded.

    `password_hash` carries its algorithm and its cost; it is empty for an agent who only signs in through the identity provider.
    There, `email` (folded) and, if given, `siret` (14 digits) say who may use the account; `subject` is the provider's own id of
    the person, from the first sign-in on.
    """

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True, max_length=64)
    name: str
    role: Role = Field(default=Role.MANAGER, sa_type=build_enum_type(Role), sa_column_kwargs={"server_default": "manager"})
    password_hash: str
    email: str | None = Field(default=None, index=True, unique=True, max_length=254)
    siret: str | None = Field(default=None, max_length=14)
    subject: str | None = Field(default=None, index=True, unique=True, max_length=300)
    created_at: datetime
    disabled_at: datetime | None = None


class AgentSession(SQLModel, table=True):
    """Store one session of an agent: the browser holds the token, the table its SHA-256 only.

    `id_token` is what the identity provider asks for to close its own session, None for a local account.
    """

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)
    sha256: str = Field(unique=True, max_length=64)
    created_at: datetime
    last_seen: datetime
    ended_at: datetime | None = None
    id_token: str | None = None


class AuditLine(SQLModel, table=True):
    """Store one act of an agent for ever; the database refuses to change or delete it.

    `agent_id` is None for an act of the program or of the command line. `before` and `after` are what the act changed, None where
    the act says it all.
    """

    id: int | None = Field(default=None, primary_key=True)
    logged_at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agent.id", index=True)
    action: str
    case_id: int | None = Field(default=None, foreign_key="reviewcase.id", index=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    platform_id: int | None = Field(default=None, foreign_key="platform.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
