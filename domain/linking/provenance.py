"""Tell where a film's titles and identifiers come from, as structured values; the text shown is made here."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from domain.common.enums import ProvenanceKind
from domain.models.agent import Agent
from domain.models.provenance import ProvenancedRow


@dataclass(frozen=True, slots=True)
class Provenance:
    """Represent where a title or an identifier comes from; the fields are the columns of `ProvenancedRow`."""

    source_kind: ProvenanceKind
    source: str = ""
    source_ref: str = ""
    agent_id: int | None = None

    @classmethod
    def by_source(cls, source: str) -> "Provenance":
        """Return what a source gives; an empty name tells that nobody noted it."""
        return cls(ProvenanceKind.SOURCE, source)

    @classmethod
    def by_merged_record(cls, source: str, source_ref: str) -> "Provenance":
        """Return what the film's own source gives by the record of a film merged into it."""
        return cls(ProvenanceKind.MERGED_RECORD, source, source_ref)

    @classmethod
    def by_agent(cls, agent: Agent) -> "Provenance":
        """Return what an agent gives."""
        return cls(ProvenanceKind.AGENT, agent_id=agent.id)

    @classmethod
    def by_platform(cls, slug: str, agent: Agent) -> "Provenance":
        """Return what a platform writes, which an agent said to be the film's."""
        return cls(ProvenanceKind.PLATFORM, slug, agent_id=agent.id)

    @classmethod
    def from_row(cls, row: ProvenancedRow) -> "Provenance":
        """Return what a row of a table tells."""
        return cls(row.source_kind, row.source, row.source_ref, row.agent_id)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], sources: Collection[str]) -> "Provenance":
        """Return what the audit trail keeps of a title or an identifier.

        The oldest lines have its text alone, under `source`: the name of one of these sources, or any other text.
        """
        if "provenance" in stored:
            columns = stored["provenance"]
            return cls(**{**columns, "source_kind": ProvenanceKind(columns["source_kind"])})
        text = stored["source"]
        return cls.by_source(text) if not text or text in sources else cls(ProvenanceKind.LEGACY, text)

    def to_columns(self) -> dict[str, Any]:
        """Return the columns of `ProvenancedRow`."""
        return asdict(self)


def is_from_sources(table: type[ProvenancedRow], sources: Collection[str]) -> ColumnElement[bool]:
    """Return the SQL condition that a row comes from one of these sources, and not from a person or a merged film."""
    return and_(col(table.source_kind) == ProvenanceKind.SOURCE, col(table.source).in_(sorted(sources)))


def format_provenance(row: ProvenancedRow, logins: Mapping[int, str]) -> str:
    """Return where a title or an identifier comes from, in a few words: « cnc », « cnc 1958/2 », « cine, agent camille ».

    `logins` are those of `domain.linking.authors.get_agent_logins`.
    """
    if row.source_kind is ProvenanceKind.MERGED_RECORD:
        return f"{row.source} {row.source_ref}"
    if row.source_kind is ProvenanceKind.AGENT and row.agent_id is not None:
        return f"agent {logins[row.agent_id]}"
    if row.source_kind is ProvenanceKind.PLATFORM and row.agent_id is not None:
        return f"{row.source}, agent {logins[row.agent_id]}"
    return row.source
