"""Table of the entries of platforms' catalogues."""

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.common.enums import Kind
from domain.models.columns import build_enum_type


class Entry(SQLModel, table=True):
    """Store one title of a platform's catalogue, updated by each run that sees it.

    `ref` is the platform's own id. `content_hash` changes with the facts that the matcher reads. `first_run_id` and `last_run_id`
    are the runs that saw the entry first and last.
    """

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
    kind: Kind | None = Field(default=None, sa_type=build_enum_type(Kind))
    url: str | None = None
    ids: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    content_hash: str
    first_run_id: int = Field(foreign_key="run.id")
    last_run_id: int = Field(foreign_key="run.id", index=True)
