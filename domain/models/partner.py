"""Tables of what the public does, without anyone in them: exits and blocks by film and day, titles nobody found, reports."""

from datetime import date

from sqlmodel import Field, SQLModel


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
