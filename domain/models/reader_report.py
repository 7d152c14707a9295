"""Table of what readers report."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from domain.common.enums import Complaint, ReportState
from domain.models.columns import build_enum_type


class ReaderReport(SQLModel, table=True):
    """What a reader says is wrong, and what became of it. `number` is public; nothing says who the reader is.

    `correction_id` is the act at the desk that put it right.
    """

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True, max_length=16)
    complaint: Complaint = Field(sa_type=build_enum_type(Complaint))
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    offer_id: int | None = Field(default=None, foreign_key="offer.id", index=True)
    title: str = ""
    message: str = ""
    state: ReportState = Field(default=ReportState.RECEIVED, sa_type=build_enum_type(ReportState), index=True)
    answer: str = ""
    received_at: datetime
    decided_at: datetime | None = None
    who: str | None = None
    correction_id: int | None = Field(default=None, foreign_key="auditline.id")
