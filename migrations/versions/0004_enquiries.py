"""enriching: when open data was asked about a film

Revision: 0004, after: 0003
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiry",
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("asked", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum("found", "absent", "several", "contradicted", name="finding", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_enquiry_film_id_film")),
        sa.PrimaryKeyConstraint("film_id", "source", name=op.f("pk_enquiry")),
    )


def downgrade() -> None:
    op.drop_table("enquiry")
