"""weights by level: what comparisons weighed is called by the name that the matcher gives it

Revision: 0016, after: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLES = ("judgement", "candidate", "baseline")
_RECORDS = sa.table("baseline", sa.column("id"), sa.column("proposals", sa.JSON()))


def upgrade() -> None:
    _rename("clues", "weights_by_level")


def downgrade() -> None:
    _rename("weights_by_level", "clues")


def _rename(old: str, new: str) -> None:
    """Rename the columns in place, and the key of the films put forward for each record of a source."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    connection = op.get_bind()
    for row_id, proposals in connection.execute(sa.select(_RECORDS)).all():
        renamed = [{new if key == old else key: value for key, value in stored.items()} for stored in proposals]
        if renamed:
            connection.execute(sa.update(_RECORDS).where(_RECORDS.c.id == row_id).values(proposals=renamed))
