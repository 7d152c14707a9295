"""Tables of the cases that agents settle, and of the links that they rejected."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.common.enums import CaseCause, Verdict
from domain.models.columns import build_enum_type


class ReviewCase(SQLModel, table=True):
    """Store a question put to agents about an entry, or about a record of a second source: is it this film?

    `film_id` is the film that the matcher proposes (in an audit, the one it published), `doubt` names what made it doubt. The
    agent `claimed_by` has the case on screen until `claimed_until`; once closed, `outcome` and `chosen_id` are the answer.
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
    """Store a film that an agent said an entry is not: it is never proposed for that entry again."""

    __table_args__ = (UniqueConstraint("entry_id", "film_id"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    film_id: int = Field(foreign_key="film.id")
    case_id: int | None = Field(default=None, foreign_key="reviewcase.id", index=True)
    rejected_at: datetime
