"""Tables of the films, of their titles and identifiers, and of the records that they come from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.common.enums import Kind, LookupFinding, RecordState, TitleKind
from domain.models.columns import build_enum_type
from domain.models.decision import DecidedRow
from domain.models.provenance import ProvenancedRow


class Film(SQLModel, table=True):
    """Store a film under an id that never changes; (source, source_ref) is its record in the source that it came from.

    `year` is the production year or, where unknown, that of the French release. `merged_attributes` gives the source of each
    fact that was completed from another one: {"runtime_min": "wikidata"}. `edited` holds, for each fact that a person set, the
    value of the film's own source, which imports do not restore: {"year": 1958}; under `left_out`, the titles and identifiers
    that a person removed (`domain.films.overrides`). `merged_into` is the film that a person said this one duplicates: this row
    then has no title, identifier or entry left, and its record is a SourceRecord of the other film. `in_cinemas` is False for a
    film known never to have been released, None when unknown; `admissions` are those of the first four weeks in French cinemas.
    """

    __table_args__ = (UniqueConstraint("source", "source_ref"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    source_ref: str
    title: str
    original_title: str | None = None
    slug: str
    year: int | None = Field(default=None, index=True)
    release_date: date | None = None
    runtime_min: int | None = None
    directors: list[str] = Field(default_factory=list, sa_type=JSON)
    countries: list[str] = Field(default_factory=list, sa_type=JSON)
    kind: Kind | None = Field(default=None, sa_type=build_enum_type(Kind))
    genres: list[str] = Field(default_factory=list, sa_type=JSON)
    age_rating: str | None = None
    in_cinemas: bool | None = None
    admissions: int | None = None
    popularity: float | None = None
    merged_attributes: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    edited: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    merged_into: int | None = Field(default=None, foreign_key="film.id", index=True)
    content_hash: str
    updated_at: datetime = Field(index=True)


class FilmRevision(SQLModel, table=True):
    """Store the facts of a film as they were until a moment; when `present` is false, the film did not exist before.

    A trigger of the database writes it whenever a film changes, dated by the film's new `updated_at`: both must be set at once.
    """

    __tablename__ = "filmpast"
    id: int | None = Field(default=None, primary_key=True)
    film_id: int = Field(index=True)
    valid_until: datetime = Field(index=True)
    present: bool
    year: int | None = None
    release_date: date | None = None
    runtime_min: int | None = None
    directors: list[str] = Field(default_factory=list, sa_type=JSON)
    countries: list[str] = Field(default_factory=list, sa_type=JSON)
    kind: Kind | None = Field(default=None, sa_type=build_enum_type(Kind))
    genres: list[str] = Field(default_factory=list, sa_type=JSON)
    age_rating: str | None = None
    in_cinemas: bool | None = None
    admissions: int | None = None
    merged_into: int | None = None


class FilmTitle(ProvenancedRow, table=True):
    """Store a title of a film; `key` is `domain.common.titles.build_title_key(title)`."""

    id: int | None = Field(default=None, primary_key=True)
    film_id: int = Field(foreign_key="film.id", index=True)
    title: str
    kind: TitleKind = Field(sa_type=build_enum_type(TitleKind))
    language: str | None = None
    key: str = Field(index=True)


class FilmIdentifier(ProvenancedRow, table=True):
    """Store an identifier of a film under a scheme: cnc, visa, isan, imdb, tmdb, allocine…"""

    __table_args__ = (UniqueConstraint("scheme", "value"),)
    id: int | None = Field(default=None, primary_key=True)
    film_id: int = Field(foreign_key="film.id", index=True)
    scheme: str
    value: str


class FilmDirector(SQLModel, table=True):
    """Store one director of a film, as in `Film.directors`; `key` is `domain.films.directors.build_director_key(name)`."""

    film_id: int = Field(primary_key=True, foreign_key="film.id")
    key: str = Field(primary_key=True, index=True, max_length=80)
    name: str


class SourceRecord(DecidedRow, table=True):
    """Store a record of a second source and what became of it; `proposals` are the films near it.

    `payload` is a `domain.films.formats.FilmRecord`. Records that are films of their own from the start have no row here: their
    film says (source, source_ref). They get one when that film is merged into another.
    """

    __tablename__ = "baseline"
    __table_args__ = (UniqueConstraint("source", "source_ref"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_ref: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    content_hash: str
    state: RecordState = Field(sa_type=build_enum_type(RecordState))
    film_id: int | None = Field(default=None, foreign_key="film.id", index=True)
    probability: float | None = None
    proposals: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    by_person: bool = False
    decided_at: datetime


class EnrichmentRequest(SQLModel, table=True):
    """Store when a source of open data was last asked about a film, and what it answered."""

    __tablename__ = "enquiry"
    film_id: int = Field(primary_key=True, foreign_key="film.id")
    source: str = Field(primary_key=True, max_length=40)
    requested_at: datetime
    finding: LookupFinding = Field(sa_type=build_enum_type(LookupFinding))
