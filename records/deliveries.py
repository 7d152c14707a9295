"""Tables of what editors deliver: their keys, and each delivery with its report."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel


class EditorKey(SQLModel, table=True):
    """A key given to an editor: only its SHA-256 is kept. A `recette` key is answered in full and changes nothing."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    label: str
    recette: bool
    sha256: str = Field(unique=True, max_length=64)
    created: datetime
    revoked: datetime | None = None
    last_used: datetime | None = None


class Delivery(SQLModel, table=True):
    """One catalogue posted by an editor, known by the hash of its content: the same one posted again is answered the same.

    `run_id` is None for a rehearsal on a recette key. `report` is the answer that was given.
    """

    __table_args__ = (UniqueConstraint("key_id", "sha256"),)
    id: int | None = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="editorkey.id")
    sha256: str = Field(max_length=64)
    run_id: int | None = Field(default=None, foreign_key="run.id")
    received: datetime
    report: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
