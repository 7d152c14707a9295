"""movements: what begins, what ends, and films by year, found without reading every offer

Revision: 0007, after: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_offer_first_run_id"), "offer", ["first_run_id"])
    for column in ("starts", "ends"):
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_offer_{column}", "offer", [column], sqlite_where=condition, postgresql_where=condition)
    op.create_index(op.f("ix_film_year"), "film", ["year"])


def downgrade() -> None:
    op.drop_index(op.f("ix_film_year"), table_name="film")
    for column in ("ends", "starts"):
        op.drop_index(f"ix_offer_{column}", table_name="offer")
    op.drop_index(op.f("ix_offer_first_run_id"), table_name="offer")
