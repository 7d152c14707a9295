"""Tables of what editors deliver: their keys, and each delivery with its report."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class EditorKey(SQLModel, table=True):
    """A key given to an editor: only its SHA-256 is kept. A `recette` key is answered in full and changes nothing."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    label: str
    recette: bool
    sha256: str = Field(unique=True, max_length=64)
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class Delivery(SQLModel, table=True):
    """One catalogue posted by an editor, known by the hash of its content.

    `run_id` is None for a rehearsal on a recette key. `report` is the head of the answer that was given, `lines` what became
    of each title (empty once the delivery is old), `told_whole` the platform's numbers of the titles of which the editor said
    everything: what is no longer among their offers was withdrawn by the editor.
    """

    id: int | None = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="editorkey.id", index=True)
    sha256: str = Field(max_length=64)
    idempotency_key: str | None = Field(default=None, max_length=200)
    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    received_at: datetime
    report: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    complete_refs: list[str] = Field(default_factory=list, sa_type=JSON)
