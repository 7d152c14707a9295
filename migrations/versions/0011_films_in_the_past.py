"""films in the past: what the base said of a film before each change, kept by the database itself

Revision: 0011, after: 0010
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_PLAIN = ("year", "release_date", "runtime_min", "kind", "age_rating", "in_cinemas", "admissions", "merged_into")
_LISTS = ("directors", "countries", "genres")
_KEPT = ", ".join((*_PLAIN, *_LISTS))
_OLD = ", ".join(f"OLD.{name}" for name in (*_PLAIN, *_LISTS))
_SAVE = f"INSERT INTO filmpast (film_id, until, present, {_KEPT}) VALUES (OLD.id, NEW.updated, {{true}}, {_OLD})"  # noqa: S608
# A film is new only beside older ones: those of the first import were always there.
_OLDER = "EXISTS (SELECT 1 FROM film WHERE updated < NEW.updated)"
_NONE = "VALUES (NEW.id, NEW.updated, {false}, '[]', '[]', '[]')"
_CAME = f"INSERT INTO filmpast (film_id, until, present, directors, countries, genres) {_NONE}"


def upgrade() -> None:
    op.create_table(
        "filmpast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("release_date", sa.Date(), nullable=True),
        sa.Column("runtime_min", sa.Integer(), nullable=True),
        sa.Column("directors", sa.JSON(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("genres", sa.JSON(), nullable=False),
        sa.Column("age_rating", _TEXT(), nullable=True),
        sa.Column("in_cinemas", sa.Boolean(), nullable=True),
        sa.Column("admissions", sa.Integer(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filmpast")),
    )
    op.create_index(op.f("ix_filmpast_film_id"), "filmpast", ["film_id"])
    op.create_index(op.f("ix_filmpast_until"), "filmpast", ["until"])
    for statement in _on_sqlite() if op.get_bind().dialect.name == "sqlite" else _on_postgresql():
        op.execute(statement)


def _on_sqlite() -> list[str]:
    differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in (*_PLAIN, *_LISTS))
    return [
        f"CREATE TRIGGER film_changed AFTER UPDATE ON film WHEN {differs} BEGIN {_SAVE.format(true=1)}; END",
        f"CREATE TRIGGER film_came AFTER INSERT ON film WHEN {_OLDER} BEGIN {_CAME.format(false=0)}; END",
    ]


def _on_postgresql() -> list[str]:
    differs = [f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _PLAIN]
    differs += [f"CAST(OLD.{name} AS text) IS DISTINCT FROM CAST(NEW.{name} AS text)" for name in _LISTS]
    head = "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {}; RETURN NULL; END $$"
    return [
        head.format("film_changed", _SAVE.format(true="true")),
        head.format("film_came", f"IF {_OLDER} THEN {_CAME.format(false='false')}; END IF"),
        f"CREATE TRIGGER film_changed AFTER UPDATE ON film FOR EACH ROW WHEN ({' OR '.join(differs)}) "
        "EXECUTE FUNCTION film_changed()",
        "CREATE TRIGGER film_came AFTER INSERT ON film FOR EACH ROW EXECUTE FUNCTION film_came()",
    ]


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("film_changed", "film_came"):
        op.execute(f"DROP TRIGGER {name}" if on_sqlite else f"DROP TRIGGER {name} ON film")
        if not on_sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("filmpast")
