"""directors: who made which film, found by name

Revision: 0006, after: 0005
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from domain.common.text import romanise_text, slugify, split_words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BATCH = 5000


def _build_rows(film_id: int, names: list[str]) -> list[dict[str, object]]:
    """Build the rows of a film's directors, each once, as this version of the program knew them."""
    readable = {name: romanise_text(name) for name in names}
    by_key = {slugify(text): name for name, text in readable.items() if split_words(text)}
    return [{"film_id": film_id, "key": key, "name": name} for key, name in by_key.items() if key]


def upgrade() -> None:
    made = op.create_table(
        "filmdirector",
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["film_id"], ["film.id"], name=op.f("fk_filmdirector_film_id_film")),
        sa.PrimaryKeyConstraint("film_id", "key", name=op.f("pk_filmdirector")),
    )
    connection, last = op.get_bind(), 0
    film = sa.table("film", sa.column("id", sa.Integer), sa.column("directors", sa.JSON))
    query = sa.select(film.c.id, film.c.directors).order_by(film.c.id).limit(_BATCH)
    while films := connection.execute(query.where(film.c.id > last)).all():
        if rows := [row for number, names in films for row in _build_rows(number, names)]:
            connection.execute(made.insert(), rows)
        last = films[-1].id
    with op.batch_alter_table("filmdirector", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filmdirector_key"), ["key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("filmdirector", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_filmdirector_key"))

    op.drop_table("filmdirector")
