"""the public site: what films and services are, exits, titles nobody found, reports of readers

Revision: 0005, after: 0004
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unfoundtitle",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name=op.f("pk_unfoundtitle")),
    )
    op.create_table(
        "filmexit",
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_filmexit_film_id_film")),
        sa.PrimaryKeyConstraint("film_id", "day", name=op.f("pk_filmexit")),
    )
    op.create_table(
        "readerreport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column(
            "complaint",
            sa.Enum(
                "not-this-film",
                "dead-link",
                "price",
                "language",
                "missing-offer",
                "facts",
                "missing-film",
                "other",
                name="complaint",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("film_id", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "ongoing",
                "corrected",
                "unavailable",
                "not-open",
                "unfounded",
                name="reportstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_readerreport_film_id_film")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_readerreport_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readerreport")),
        sa.UniqueConstraint("number", name=op.f("uq_readerreport_number")),
    )
    with op.batch_alter_table("readerreport", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readerreport_film_id"), ["film_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_readerreport_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_readerreport_state"), ["state"], unique=False)

    with op.batch_alter_table("film", schema=None) as batch_op:
        batch_op.add_column(sa.Column("genres", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("age_rating", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("in_cinemas", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("admissions", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_film_updated"), ["updated"], unique=False)

    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.add_column(sa.Column("legal_doubt", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("blocked", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("status_note", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("site", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("accesses", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("replaces", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.drop_column("replaces")
        batch_op.drop_column("accesses")
        batch_op.drop_column("site")
        batch_op.drop_column("status_note")
        batch_op.drop_column("blocked")
        batch_op.drop_column("legal_doubt")

    with op.batch_alter_table("film", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_film_updated"))
        batch_op.drop_column("admissions")
        batch_op.drop_column("in_cinemas")
        batch_op.drop_column("age_rating")
        batch_op.drop_column("genres")

    with op.batch_alter_table("readerreport", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_readerreport_state"))
        batch_op.drop_index(batch_op.f("ix_readerreport_offer_id"))
        batch_op.drop_index(batch_op.f("ix_readerreport_film_id"))

    op.drop_table("readerreport")
    op.drop_table("filmexit")
    op.drop_table("unfoundtitle")
