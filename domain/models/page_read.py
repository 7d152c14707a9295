"""Table of the pages that a run read or reused."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel


class PageRead(SQLModel, table=True):
    """Store one address that a run read and what it held, so that the next run need not read an unchanged page again.

    `lastmod` comes from the sitemap, `etag` and `last_modified` from the server. `rules_hash` identifies the extraction rules
    that were used; it is empty when the page must be read again. `lines` are `domain.runs.observation.ObservedEntry`, none when
    the whole page was left aside under the rule `dropped`. An entry stored here that its run did not observe is neither seen nor
    absent: its page failed, or was not asked for.
    """

    __table_args__ = (UniqueConstraint("run_id", "url"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    url: str
    lastmod: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    rules_hash: str
    read_at: datetime
    dropped: str | None = None
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
