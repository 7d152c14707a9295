"""provenance: where titles and identifiers come from becomes an enum and structured columns

The texts written so far are parsed once, here. What cannot be parsed keeps its text, under the kind `legacy`.

Revision: 0015, after: 0014
"""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLES = ("filmtitle", "filmidentifier")
_COLUMNS = ("source_kind", "source", "source_ref", "agent_id")


def upgrade() -> None:
    known = set(_read_column("SELECT DISTINCT source FROM film"))
    agents = {row.login: row.id for row in op.get_bind().execute(sa.text("SELECT id, login FROM agent"))}
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN source_kind VARCHAR(32) DEFAULT 'source' NOT NULL")
        op.execute(f"ALTER TABLE {table} ADD COLUMN source_ref VARCHAR DEFAULT '' NOT NULL")
        reference = f"CONSTRAINT fk_{table}_agent_id_agent REFERENCES agent (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN agent_id INTEGER {reference}")
        for text in _read_column(f"SELECT DISTINCT source FROM {table} WHERE source LIKE '% %'"):  # noqa: S608
            changes = ", ".join(f"{column} = :{column}" for column in _COLUMNS)
            stmt = sa.text(f"UPDATE {table} SET {changes} WHERE source = :text")  # noqa: S608
            op.get_bind().execute(stmt, parse_source(text, known, agents) | {"text": text})


def downgrade() -> None:
    texts = {
        "merged-record": "source || ' ' || source_ref",
        "agent": "'agent ' || (SELECT login FROM agent WHERE agent.id = {table}.agent_id)",
        "platform": "source || ', agent ' || (SELECT login FROM agent WHERE agent.id = {table}.agent_id)",
    }
    for table in _TABLES:
        for kind, text in texts.items():
            op.execute(f"UPDATE {table} SET source = {text.format(table=table)} WHERE source_kind = '{kind}'")  # noqa: S608
        for column in ("source_kind", "source_ref", "agent_id"):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def parse_source(text: str, sources: Collection[str], agents: Mapping[str, int]) -> dict[str, Any]:
    """Return the columns that a text of two words or more becomes: « agent ada », « cine, agent ada », « cnc 1958/2 »."""
    columns = {"source_kind": "legacy", "source": text, "source_ref": "", "agent_id": None}
    name, _, ref = text.partition(" ")
    slug, _, login = text.rpartition(", agent ")
    if name == "agent" and ref in agents:
        return columns | {"source_kind": "agent", "source": "", "agent_id": agents[ref]}
    if slug and login in agents:
        return columns | {"source_kind": "platform", "source": slug, "agent_id": agents[login]}
    if name in sources:
        return columns | {"source_kind": "merged-record", "source": name, "source_ref": ref}
    return columns


def _read_column(stmt: str) -> list[str]:
    return list(op.get_bind().execute(sa.text(stmt)).scalars())
