"""partners: sites that show our block, and what is counted of them by film and day

Revision: 0008, after: 0007
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_partner")),
        sa.UniqueConstraint("sha256", name=op.f("uq_partner_sha256")),
    )
    op.create_table(
        "partnercount",
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("loads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("exits", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["origin"], ["partner.origin"], name=op.f("fk_partnercount_origin_partner")),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_partnercount_film_id_film")),
        sa.PrimaryKeyConstraint("origin", "day", "film_id", name=op.f("pk_partnercount")),
    )
    op.create_index(op.f("ix_partnercount_day"), "partnercount", ["day"])


def downgrade() -> None:
    op.drop_index(op.f("ix_partnercount_day"), table_name="partnercount")
    op.drop_table("partnercount")
    op.drop_table("partner")
