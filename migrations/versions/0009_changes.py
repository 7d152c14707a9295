"""changes: what opened, closed, or was linked since a moment, found without reading every offer and judgement

Revision: 0009, after: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    condition = sa.text("closed_at IS NOT NULL")
    op.create_index("ix_offer_closed_at", "offer", ["closed_at"], sqlite_where=condition, postgresql_where=condition)
    op.create_index(op.f("ix_judgement_decided_at"), "judgement", ["decided_at"])
    op.create_index(op.f("ix_run_ended"), "run", ["ended"])


def downgrade() -> None:
    op.drop_index(op.f("ix_run_ended"), table_name="run")
    op.drop_index(op.f("ix_judgement_decided_at"), table_name="judgement")
    op.drop_index("ix_offer_closed_at", table_name="offer")
