"""Tables of what platforms say: runs, observations, entries, offers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.columns import word_of
from records.vocabulary import Access, Kind, LegalBasis, Level, Outcome, PlatformStatus, Quality, RunState


class Platform(SQLModel, table=True):
    """A legal service with a public name and an operator.

    `hosts` are the sites its links may lead to, `expect` is a `records.checks.Expect`. `blocked` says in French why it is not
    collected, `replaces` names the services it took over. It is collected every `every_hours`, in the window `night` (see
    `records.hours`) if it has one; `wanted` is when an agent last asked for a collection at once.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=64)
    name: str
    operator: str
    country: str = "FR"
    status: PlatformStatus = Field(default=PlatformStatus.OPEN, sa_type=word_of(PlatformStatus))
    legal_basis: LegalBasis = Field(sa_type=word_of(LegalBasis))
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
    wanted: datetime | None = None
    wanted_by: int | None = Field(default=None, foreign_key="agent.id")
    current_run_id: int | None = None


class Run(SQLModel, table=True):
    """One collection of one platform. `counts` is a `records.checks.RunCounts`.

    `reason` is what a person said who accepted or rejected it, `decided_by` that person when it was at the desk.
    """

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    state: RunState = Field(default=RunState.OPEN, sa_type=word_of(RunState))
    outcome: Outcome | None = Field(default=None, sa_type=word_of(Outcome))
    verdict: str = ""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    documents: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    code_version: str
    started: datetime
    ended: datetime | None = Field(default=None, index=True)
    reason: str | None = None
    decided_by: int | None = Field(default=None, foreign_key="agent.id")


class RunIssue(SQLModel, table=True):
    """Something seen during a run that a person may have to act on."""

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    level: Level = Field(sa_type=word_of(Level))
    kind: str
    ref: str = ""
    message: str


class Observation(SQLModel, table=True):
    """One line as a run saw it, kept apart from the live tables. `payload` is a `records.observed.Observed`."""

    __table_args__ = (UniqueConstraint("run_id", "ref"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    ref: str
    payload: dict[str, Any] = Field(sa_type=JSON)


class Entry(SQLModel, table=True):
    """A line of a platform's catalogue that lives from run to run."""

    __table_args__ = (UniqueConstraint("platform_id", "ref"),)
    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    ref: str
    title: str
    original_title: str | None = None
    year: int | None = None
    directors: list[str] = Field(default_factory=list, sa_type=JSON)
    runtime_min: int | None = None
    countries: list[str] = Field(default_factory=list, sa_type=JSON)
    kind: Kind | None = Field(default=None, sa_type=word_of(Kind))
    url: str | None = None
    ids: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    content_hash: str
    first_run_id: int = Field(foreign_key="run.id")
    last_run_id: int = Field(foreign_key="run.id", index=True)


class Offer(SQLModel, table=True):
    """One way to watch an entry, over one period: a change of price or dates closes it and opens the next."""

    __table_args__ = (
        Index(
            "ix_offer_open_identity",
            "entry_id",
            "identity",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # Partial, or « no start, or a past one » would be sought through them.
        Index("ix_offer_starts", "starts", sqlite_where=text("starts IS NOT NULL"), postgresql_where=text("starts IS NOT NULL")),
        Index("ix_offer_ends", "ends", sqlite_where=text("ends IS NOT NULL"), postgresql_where=text("ends IS NOT NULL")),
        Index(
            "ix_offer_closed_at",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    identity: str
    access: Access = Field(sa_type=word_of(Access))
    price_cents: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = "EUR"
    quality: Quality | None = Field(default=None, sa_type=word_of(Quality))
    languages: list[str] = Field(default_factory=list, sa_type=JSON)
    audio_description: bool | None = None
    sdh: bool | None = None
    edition: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    url: str | None = None
    first_seen: datetime
    last_seen: datetime
    first_run_id: int = Field(foreign_key="run.id", index=True)
    last_run_id: int = Field(foreign_key="run.id")
    closed_at: datetime | None = None
    closed_why: str | None = None
