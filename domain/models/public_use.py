"""Tables that count what the public does, by day, without any personal data."""

from datetime import date

from sqlmodel import Field, SQLModel


class FilmExit(SQLModel, table=True):
    """Count how often, on a day in Paris, a film's links to platforms were followed."""

    film_id: int = Field(primary_key=True, foreign_key="film.id")
    day: date = Field(primary_key=True)
    count: int


class UnfoundTitle(SQLModel, table=True):
    """Count how often, on a day in Paris, a search found no film; `key` is its `domain.common.titles.build_title_key`."""

    key: str = Field(primary_key=True, max_length=100)
    day: date = Field(primary_key=True)
    count: int
