"""Table of the platforms."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from domain.common.enums import LegalBasis, PlatformStatus
from domain.models.columns import build_enum_type


class Platform(SQLModel, table=True):
    """Store a legal service with a public name and an operator, as its file in data/platforms describes it.

    `hosts` are the sites that its links may lead to, `expect` is a `domain.runs.validation.RunExpectations`. `blocked` says in
    French why it is not collected, `replaces` lists the services that it took over. It is collected every `every_hours`, within
    the window `night` if it has one (see `domain.common.paris_time`). `requested_at` is when an agent last asked for a collection
    at once. `current_run_id` is the run whose catalogue is shown.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=64)
    name: str
    operator: str
    country: str = "FR"
    status: PlatformStatus = Field(default=PlatformStatus.OPEN, sa_type=build_enum_type(PlatformStatus))
    legal_basis: LegalBasis = Field(sa_type=build_enum_type(LegalBasis))
    legal_evidence: str
    legal_checked_on: date
    legal_doubt: str | None = None
    blocked: str | None = None
    status_note: str | None = None
    site: str | None = None
    accesses: list[str] = Field(default_factory=list, sa_type=JSON)
    replaces: list[str] = Field(default_factory=list, sa_type=JSON)
    hosts: list[str] = Field(default_factory=list, sa_type=JSON)
    expect: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    every_hours: int | None = None
    night: str | None = None
    requested_at: datetime | None = None
    requested_by: int | None = Field(default=None, foreign_key="agent.id")
    current_run_id: int | None = None
