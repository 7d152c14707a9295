"""Table of the links that are checked."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.common.enums import LinkFinding
from domain.models.columns import build_enum_type


class LinkCheck(SQLModel, table=True):
    """Store a link to a page of a platform and what the platform last answered to it.

    `gone_days` counts the days in a row (in Paris) on which there was no such page, and `gone_on` is the last of them. From
    `hidden_at` on the offers under the link are shown no more, until the page is found again.
    """

    __table_args__ = (
        UniqueConstraint("platform_id", "url"),
        # What leads nowhere is a small part of what is checked.
        Index("ix_linkcheck_broken", "platform_id", sqlite_where=text("gone_days > 0"), postgresql_where=text("gone_days > 0")),
    )
    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    url: str
    checked_at: datetime = Field(index=True)
    finding: LinkFinding = Field(sa_type=build_enum_type(LinkFinding))
    status: int | None = None
    gone_days: int = 0
    gone_on: date | None = None
    hidden_at: datetime | None = None
