"""Tables of the sites that embed our widget, and of its use."""

from datetime import date

from sqlmodel import Field, SQLModel


class Partner(SQLModel, table=True):
    """Store a site that embeds our widget, by its host name: « cinema.example ».

    `sha256` is that of the secret in the address of its own figures, None when it has none.
    """

    origin: str = Field(primary_key=True, max_length=100)
    first_seen: date
    sha256: str | None = Field(default=None, unique=True, max_length=64)


class PartnerCount(SQLModel, table=True):
    """Count, by day in Paris, how often a partner's pages loaded a film's widget and its links to platforms were followed."""

    origin: str = Field(primary_key=True, max_length=100, foreign_key="partner.origin")
    day: date = Field(primary_key=True, index=True)
    film_id: int = Field(primary_key=True, foreign_key="film.id")
    loads: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    exits: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
