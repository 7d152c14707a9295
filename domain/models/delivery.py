"""Tables of the catalogues that editors deliver: the editors' keys, and each delivery with its report."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class EditorKey(SQLModel, table=True):
    """Store a key given to an editor, as a SHA-256 only. With a `recette` key, deliveries are answered and change nothing."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    label: str
    recette: bool
    sha256: str = Field(unique=True, max_length=64)
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class Delivery(SQLModel, table=True):
    """Store one catalogue posted by an editor, with the SHA-256 of its content.

    `run_id` is None for a rehearsal with a recette key. `report` is the head of the answer that was given, `lines` the outcome of
    each title (empty once the delivery is old). `complete_refs` are the refs of the titles that came with all their offers: other
    open offers of theirs were withdrawn by the editor.
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
