"""Tables of what the public does, without anyone in them: exits and blocks by film and day, titles nobody found, reports."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from records.columns import word_of
from records.vocabulary import Complaint, ReportState


class FilmExit(SQLModel, table=True):
    """How many times on a day (in Paris) a film's links to services were followed."""

    film_id: int = Field(primary_key=True, foreign_key="film.id")
    day: date = Field(primary_key=True)
    count: int


class UnfoundTitle(SQLModel, table=True):
    """How many times on a day (in Paris) a search found no film; `key` is its `records.titles.title_key`."""

    key: str = Field(primary_key=True, max_length=100)
    day: date = Field(primary_key=True)
    count: int


class Partner(SQLModel, table=True):
    """A site that shows our block, known by its host name: « cinema.example ».

    `sha256` is that of the secret in the address of its own figures, None when it has none.
    """

    origin: str = Field(primary_key=True, max_length=100)
    first_seen: date
    sha256: str | None = Field(default=None, unique=True, max_length=64)


class PartnerCount(SQLModel, table=True):
    """How many times on a day (in Paris) a partner's pages loaded a film's block, and its links to services were followed."""

    origin: str = Field(primary_key=True, max_length=100, foreign_key="partner.origin")
    day: date = Field(primary_key=True, index=True)
    film_id: int = Field(primary_key=True, foreign_key="film.id")
    loads: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    exits: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class ReaderReport(SQLModel, table=True):
    """What a reader says is wrong, and what became of it. `number` is public; nothing says who the reader is.

    `correction_id` is the act at the desk that put it right.
    """

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True, max_length=16)
    complaint: Complaint = Field(sa_type=word_of(Complaint))
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    offer_id: int | None = Field(default=None, foreign_key="offer.id", index=True)
    title: str = ""
    message: str = ""
    state: ReportState = Field(default=ReportState.RECEIVED, sa_type=word_of(ReportState), index=True)
    answer: str = ""
    received: datetime
    decided: datetime | None = None
    who: str | None = None
    correction_id: int | None = Field(default=None, foreign_key="auditline.id")
