"""Table of the errors that readers report."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from domain.common.enums import Complaint, ReportState
from domain.models.columns import build_enum_type


class ReaderReport(SQLModel, table=True):
    """Store what a reader says is wrong and what became of it; nothing identifies the reader.

    `number` is the public reference of the report. `correction_id` is the entry of the audit trail that corrected the error.
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
