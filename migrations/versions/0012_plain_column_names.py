"""plain column names: moments end in _at, and columns say what they hold

Revision: 0012, after: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_RENAMED = (
    ("agent", "created", "created_at"),
    ("agent", "disabled", "disabled_at"),
    ("agentsession", "created", "created_at"),
    ("agentsession", "ended", "ended_at"),
    ("auditline", "at", "logged_at"),
    ("delivery", "received", "received_at"),
    ("delivery", "told_whole", "complete_refs"),
    ("editorkey", "created", "created_at"),
    ("editorkey", "revoked", "revoked_at"),
    ("editorkey", "last_used", "last_used_at"),
    ("enquiry", "asked", "requested_at"),
    ("film", "gained", "merged_attributes"),
    ("film", "updated", "updated_at"),
    ("filmpast", "until", "valid_until"),
    ("linkcheck", "checked", "checked_at"),
    ("linkcheck", "hidden", "hidden_at"),
    ("pageread", "modified", "last_modified"),
    ("pageread", "rules", "rules_hash"),
    ("platform", "wanted", "requested_at"),
    ("platform", "wanted_by", "requested_by"),
    ("readerreport", "decided", "decided_at"),
    ("readerreport", "received", "received_at"),
    ("rejection", "at", "rejected_at"),
    ("reviewcase", "closed", "closed_at"),
    ("reviewcase", "line_id", "source_record_id"),
    ("reviewcase", "opened", "opened_at"),
    ("run", "ended", "ended_at"),
    ("run", "started", "started_at"),
    ("task", "closed", "closed_at"),
    ("task", "opened", "opened_at"),
    ("taskcomment", "at", "posted_at"),
)
"""Table, old name, new name."""
_INDEXED = (
    ("film", "updated", "updated_at"),
    ("filmpast", "until", "valid_until"),
    ("linkcheck", "checked", "checked_at"),
    ("reviewcase", "line_id", "source_record_id"),
    ("run", "ended", "ended_at"),
)
"""Of these, the columns that have an index of their own, named after them."""
_FACTS = (
    *("year", "release_date", "runtime_min", "kind", "age_rating", "in_cinemas", "admissions", "merged_into"),
    *("directors", "countries", "genres"),
)


def upgrade() -> None:
    for table, old, new in _RENAMED:
        _rename_column(table, old, new)
    for table, old, new in _INDEXED:
        _rename_index(table, old, new)
    _replace_functions("updated_at", "valid_until")


def downgrade() -> None:
    for table, old, new in _RENAMED:
        _rename_column(table, new, old)
    for table, old, new in _INDEXED:
        _rename_index(table, new, old)
    _replace_functions("updated", "until")


def _rename_column(table: str, old: str, new: str) -> None:
    """Rename a column in place: indexes, constraints and SQLite's triggers follow; SQLite would lose them in a copied table."""
    op.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{old}" TO "{new}"')


def _rename_index(table: str, old: str, new: str) -> None:
    """Give the index of a column the name that goes with the column's new name."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(f"ix_{table}_{old}", table)
        op.create_index(f"ix_{table}_{new}", table, [new])
    else:
        op.execute(f"ALTER INDEX ix_{table}_{old} RENAME TO ix_{table}_{new}")


def _replace_functions(updated: str, until: str) -> None:
    """Write PostgreSQL's trigger functions anew: their text names columns, and does not follow a renaming."""
    if op.get_bind().dialect.name == "sqlite":
        return
    head = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {}; RETURN NULL; END $$"
    names, old_values = ", ".join(_FACTS), ", ".join(f"OLD.{name}" for name in _FACTS)
    changed = f"INSERT INTO filmpast (film_id, {until}, present, {names}) VALUES (OLD.id, NEW.{updated}, true, {old_values})"  # noqa: S608
    came = (
        f"IF EXISTS (SELECT 1 FROM film WHERE {updated} < NEW.{updated}) THEN "  # noqa: S608
        f"INSERT INTO filmpast (film_id, {until}, present, directors, countries, genres) "
        f"VALUES (NEW.id, NEW.{updated}, false, '[]', '[]', '[]'); END IF"
    )
    op.execute(head.format("film_changed", changed))
    op.execute(head.format("film_came", came))
