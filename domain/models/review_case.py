"""Tables of the desk: agents, their sessions, the cases they settle, what they rejected, and the trail of it all."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.common.enums import CaseCause, Verdict
from domain.models.columns import build_enum_type


class ReviewCase(SQLModel, table=True):
    """A question put to agents about an entry, or about a line of a second base: is it this film?

    `film_id` is what the matcher proposes (for an audit: what it published), `doubt` the word for what made it doubt.
    `claimed_by` has it on screen until `claimed_until`; once closed, `outcome` and `chosen_id` are the person's answer.
    """

    __table_args__ = (
        Index(
            "ix_reviewcase_open_entry",
            "entry_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND entry_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND entry_id IS NOT NULL"),
        ),
        Index(
            "ix_reviewcase_open_line",
            "source_record_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND source_record_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND source_record_id IS NOT NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    source_record_id: int | None = Field(default=None, foreign_key="baseline.id", index=True)
    cause: CaseCause = Field(sa_type=build_enum_type(CaseCause))
    doubt: str = ""
    film_id: int | None = Field(default=None, foreign_key="film.id")
    probability: float | None = None
    popularity: float | None = None
    opened_at: datetime
    claimed_by: int | None = Field(default=None, foreign_key="agent.id")
    claimed_until: datetime | None = None
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None, foreign_key="agent.id")
    outcome: Verdict | None = Field(default=None, sa_type=build_enum_type(Verdict))
    chosen_id: int | None = Field(default=None, foreign_key="film.id")


class Rejection(SQLModel, table=True):
    """A film that a person said an entry is not: it is never proposed for it again."""

    __table_args__ = (UniqueConstraint("entry_id", "film_id"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    film_id: int = Field(foreign_key="film.id")
    case_id: int | None = Field(default=None, foreign_key="reviewcase.id", index=True)
    rejected_at: datetime
