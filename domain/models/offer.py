"""Table of the offers, one row for each period with the same terms."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Field, SQLModel

from domain.common.enums import Access, CloseReason, Quality
from domain.models.columns import build_enum_type


class Offer(SQLModel, table=True):
    """Store one way to watch an entry over one period; a change of its terms closes the period and opens the next.

    `identity` is the same from period to period (see `domain.runs.observation.ObservedOffer.identity`). `starts` and `ends` are
    what the platform announces, `first_seen` and `last_seen` when runs saw it; `closed_at` is None while the period is open.
    """

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
    access: Access = Field(sa_type=build_enum_type(Access))
    price_cents: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = "EUR"
    quality: Quality | None = Field(default=None, sa_type=build_enum_type(Quality))
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
    closed_why: CloseReason | None = Field(default=None, sa_type=build_enum_type(CloseReason))
