"""Columns that the tables of titles and identifiers share: where each comes from."""

from sqlmodel import Field, SQLModel

from domain.common.enums import ProvenanceKind
from domain.models.columns import build_enum_type


class ProvenancedRow(SQLModel):
    """Store where a title or an identifier of a film comes from.

    `source` is the name of a source (empty where nobody noted it) or the slug of a platform, `source_ref` the record of a film
    merged into this one, `agent_id` the person who gave it. A text recorded before these columns existed is in `source`.
    """

    source_kind: ProvenanceKind = Field(
        default=ProvenanceKind.SOURCE, sa_type=build_enum_type(ProvenanceKind), sa_column_kwargs={"server_default": "source"}
    )
    source: str = ""
    source_ref: str = Field(default="", sa_column_kwargs={"server_default": ""})
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
