"""Tables of the reference base: works, their titles and their identifiers."""

from datetime import date, datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from records.columns import word_of
from records.vocabulary import Kind, TitleKind


class Film(SQLModel, table=True):
    """A work. Its number never changes; (source, source_ref) is its line in the base it came from.

    `year` is the production year, or where unknown that of the French release.
    """

    __table_args__ = (UniqueConstraint("source", "source_ref"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    source_ref: str
    title: str
    original_title: str | None = None
    slug: str
    year: int | None = None
    release_date: date | None = None
    runtime_min: int | None = None
    directors: list[str] = Field(default_factory=list, sa_type=JSON)
    countries: list[str] = Field(default_factory=list, sa_type=JSON)
    kind: Kind | None = Field(default=None, sa_type=word_of(Kind))
    popularity: float | None = None
    content_hash: str
    updated: datetime


class FilmTitle(SQLModel, table=True):
    """One title of a film; `key` is `records.titles.title_key(title)`."""

    id: int | None = Field(default=None, primary_key=True)
    film_id: int = Field(foreign_key="film.id", index=True)
    title: str
    kind: TitleKind = Field(sa_type=word_of(TitleKind))
    language: str | None = None
    key: str = Field(index=True)


class FilmIdentifier(SQLModel, table=True):
    """One number of a film under a scheme: cnc, visa, isan, imdb, tmdb, allocine…"""

    __table_args__ = (UniqueConstraint("scheme", "value"),)
    id: int | None = Field(default=None, primary_key=True)
    film_id: int = Field(foreign_key="film.id", index=True)
    scheme: str
    value: str
