"""matching: agents, cases, what they rejected, the trail; lines of second bases; where titles and numbers come from

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("disabled", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("login", name=op.f("uq_agent_login")),
    )
    op.create_table(
        "agentsession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_seen", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_agentsession_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agentsession")),
        sa.UniqueConstraint("sha256", name=op.f("uq_agentsession_sha256")),
    )
    with op.batch_alter_table("agentsession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agentsession_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "baseline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("content_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "state", sa.Enum("linked", "doubtful", "new", "aside", name="linestate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("film_id", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("proposals", sa.JSON(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_baseline_film_id_film")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_baseline_source_source_ref")),
    )
    with op.batch_alter_table("baseline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_baseline_film_id"), ["film_id"], unique=False)

    op.create_table(
        "reviewcase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum("doubt", "disagreement", "audit", "silent", name="casecause", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("doubt", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("film_id", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("popularity", sa.Float(), nullable=True),
        sa.Column("opened", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("claimed_by", sa.Integer(), nullable=True),
        sa.Column("claimed_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Enum("same", "none", "unsure", name="verdict", native_enum=False, length=32), nullable=True),
        sa.Column("chosen_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["chosen_id"], ["film.id"], name=op.f("fk_reviewcase_chosen_id_film")),
        sa.ForeignKeyConstraint(["claimed_by"], ["agent.id"], name=op.f("fk_reviewcase_claimed_by_agent")),
        sa.ForeignKeyConstraint(["closed_by"], ["agent.id"], name=op.f("fk_reviewcase_closed_by_agent")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_reviewcase_entry_id_entry")),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_reviewcase_film_id_film")),
        sa.ForeignKeyConstraint(["line_id"], ["baseline.id"], name=op.f("fk_reviewcase_line_id_baseline")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewcase")),
    )
    with op.batch_alter_table("reviewcase", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviewcase_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reviewcase_line_id"), ["line_id"], unique=False)
        batch_op.create_index(
            "ix_reviewcase_open_entry",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL AND entry_id IS NOT NULL"),
            postgresql_where=sa.text("closed IS NULL AND entry_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_reviewcase_open_line",
            ["line_id"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL AND line_id IS NOT NULL"),
            postgresql_where=sa.text("closed IS NULL AND line_id IS NOT NULL"),
        )

    op.create_table(
        "auditline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("film_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_auditline_agent_id_agent")),
        sa.ForeignKeyConstraint(["case_id"], ["reviewcase.id"], name=op.f("fk_auditline_case_id_reviewcase")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_auditline_entry_id_entry")),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_auditline_film_id_film")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditline")),
    )
    with op.batch_alter_table("auditline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditline_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auditline_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auditline_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "rejection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["reviewcase.id"], name=op.f("fk_rejection_case_id_reviewcase")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_rejection_entry_id_entry")),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_rejection_film_id_film")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection")),
        sa.UniqueConstraint("entry_id", "film_id", name=op.f("uq_rejection_entry_id_film_id")),
    )
    with op.batch_alter_table("rejection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rejection_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rejection_entry_id"), ["entry_id"], unique=False)

    with op.batch_alter_table("film", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gained", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("filmidentifier", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))

    with op.batch_alter_table("filmtitle", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))

    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    for table, column in (
        ("judgement", "content_hash"),
        ("filmtitle", "source"),
        ("filmidentifier", "source"),
        ("film", "gained"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    for table in ("rejection", "auditline", "reviewcase", "baseline", "agentsession", "agent"):
        op.drop_table(table)
