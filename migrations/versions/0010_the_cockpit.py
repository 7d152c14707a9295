"""the cockpit: roles and the identity provider, a trail that cannot be changed, tasks in hands, links checked, films corrected

Revision: 0010, after: 0009
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
# (table, column, table referred to, whether it is indexed): SQLite adds such columns in place only when written by hand.
_REFERENCES = (
    ("platform", "wanted_by", "agent", False),
    ("run", "decided_by", "agent", False),
    ("film", "merged_into", "film", True),
    ("auditline", "run_id", "run", True),
    ("auditline", "platform_id", "platform", True),
    ("auditline", "task_id", "task", True),
    ("task", "film_id", "film", True),
    ("task", "opened_by", "agent", False),
    ("task", "assigned_to", "agent", True),
    ("task", "closed_by", "agent", False),
    ("readerreport", "correction_id", "auditline", False),
)
_COLUMNS = (
    ("agent", sa.Column("role", sa.String(length=32), nullable=False, server_default="manager")),
    ("agent", sa.Column("email", _TEXT(length=254), nullable=True)),
    ("agent", sa.Column("siret", _TEXT(length=14), nullable=True)),
    ("agent", sa.Column("subject", _TEXT(length=300), nullable=True)),
    ("agentsession", sa.Column("id_token", _TEXT(), nullable=True)),
    ("platform", sa.Column("every_hours", sa.Integer(), nullable=True)),
    ("platform", sa.Column("night", _TEXT(), nullable=True)),
    ("platform", sa.Column("wanted", _MOMENT(), nullable=True)),
    ("film", sa.Column("edited", sa.JSON(), nullable=False, server_default="{}")),
    ("auditline", sa.Column("before", sa.JSON(), nullable=True)),
    ("auditline", sa.Column("after", sa.JSON(), nullable=True)),
)
_KEPT = "the trail is never changed"
_SQLITE = "CREATE TRIGGER auditline_no_{act} BEFORE {act} ON auditline BEGIN SELECT RAISE(ABORT, '{kept}'); END"
_POSTGRESQL = (
    "CREATE FUNCTION auditline_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{kept}'; END $$",
    "CREATE TRIGGER auditline_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON auditline EXECUTE FUNCTION auditline_kept()",
)


def upgrade() -> None:
    _create_tables()
    for table, column in _COLUMNS:
        op.add_column(table, column)
    for table, name, other, indexed in _REFERENCES:
        key = f"fk_{table}_{name}_{other}"
        op.execute(f'ALTER TABLE "{table}" ADD COLUMN {name} INTEGER CONSTRAINT {key} REFERENCES "{other}" (id)')
        if indexed:
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    op.execute("ALTER TABLE run RENAME COLUMN accepted_reason TO reason")
    op.create_index(op.f("ix_auditline_film_id"), "auditline", ["film_id"])
    for name in ("email", "subject"):
        op.create_index(op.f(f"ix_agent_{name}"), "agent", [name], unique=True)
    _keep_the_trail()


def _create_tables() -> None:
    op.create_table(
        "linkcheck",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("url", _TEXT(), nullable=False),
        sa.Column("checked", _MOMENT(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("gone_days", sa.Integer(), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column("hidden", _MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_linkcheck_platform_id_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linkcheck")),
        sa.UniqueConstraint("platform_id", "url", name=op.f("uq_linkcheck_platform_id_url")),
    )
    op.create_index(op.f("ix_linkcheck_platform_id"), "linkcheck", ["platform_id"])
    op.create_index(op.f("ix_linkcheck_checked"), "linkcheck", ["checked"])
    broken = sa.text("gone_days > 0")
    op.create_index("ix_linkcheck_broken", "linkcheck", ["platform_id"], sqlite_where=broken, postgresql_where=broken)
    op.create_table(
        "taskcomment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT(), nullable=False),
        sa.Column("text", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_taskcomment_task_id_task")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_taskcomment_agent_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taskcomment")),
    )
    op.create_index(op.f("ix_taskcomment_task_id"), "taskcomment", ["task_id"])


def _keep_the_trail() -> None:
    if op.get_bind().dialect.name == "sqlite":
        statements = [_SQLITE.format(act=act, kept=_KEPT) for act in ("UPDATE", "DELETE")]
    else:
        statements = [statement.format(kept=_KEPT) for statement in _POSTGRESQL]
    for statement in statements:
        op.execute(sa.text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER auditline_no_{act}")
    else:
        op.execute("DROP TRIGGER auditline_no_change ON auditline")
        op.execute("DROP FUNCTION auditline_kept()")
    op.drop_index(op.f("ix_auditline_film_id"), table_name="auditline")
    op.execute("ALTER TABLE run RENAME COLUMN reason TO accepted_reason")
    for name in ("email", "subject"):
        op.drop_index(op.f(f"ix_agent_{name}"), table_name="agent")
    op.drop_table("taskcomment")
    op.drop_table("linkcheck")
    _drop_columns()


def _drop_columns() -> None:
    for table, name, _, indexed in _REFERENCES:
        if indexed:
            op.drop_index(op.f(f"ix_{table}_{name}"), table_name=table)
    added = [(table, name) for table, name, _, _ in _REFERENCES] + [(table, column.name) for table, column in _COLUMNS]
    for table in dict.fromkeys(table for table, _ in added):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for _, name in (one for one in added if one[0] == table):
                batch_op.drop_column(name)
