"""Tables that link entries to films."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from domain.common.enums import Verdict
from domain.models.columns import build_enum_type
from domain.models.decision import DecidedRow, ReasonedRow


class Candidate(ReasonedRow, table=True):
    """Store a film that may be an entry's work, with its probability.

    `weights_by_level` are what each comparison weighed, in log-odds, by its name and level: {"title.exact": 1.9}.
    """

    __table_args__ = (UniqueConstraint("entry_id", "film_id"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    film_id: int = Field(foreign_key="film.id", index=True)
    probability: float
    weights_by_level: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    matcher_version: str


class Judgement(DecidedRow, table=True):
    """Store a decision about an entry. A new one supersedes the last; none is ever deleted.

    `film_id` is the film for `same`, empty for `none` and `unsure`; `content_hash` is the entry's when it was decided.
    """

    __table_args__ = (
        Index(
            "ix_judgement_live_entry",
            "entry_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    verdict: Verdict = Field(sa_type=build_enum_type(Verdict))
    by_person: bool = False
    decided_at: datetime = Field(index=True)
    probability: float | None = None
    content_hash: str = ""
    superseded_at: datetime | None = None
