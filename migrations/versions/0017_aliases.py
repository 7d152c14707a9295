"""aliases: a title that somebody gave a film is told apart from a title of release

The titles that agents kept of a service's entries, and the other titles of films and of records of a second source, become aliases. On
the way back they are alternative titles again; the audit trail, which nothing changes, still calls aliases those that it names.

Revision: 0017, after: 0016
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_WIKIDATA = "wikidata"
"""What it says of titles without their kind is asked again within 90 days."""
_RECORDS = sa.table(
    "baseline",
    *(sa.column(name) for name in ("id", "source", "source_ref", "state", "film_id")),
    sa.column("payload", sa.JSON()),
)
_MARK_OWN_TITLES = """
    UPDATE filmtitle SET kind = 'alias' WHERE kind = 'alternative' AND language IS NULL AND source_kind = 'source'
    AND EXISTS (SELECT 1 FROM film WHERE film.id = filmtitle.film_id AND film.source = filmtitle.source
                AND film.title NOT LIKE '%' || filmtitle.title || '%')
"""
"""The other titles that a film's own source gives; a part of its displayed title, « Novembre (13/11) », is no alias."""
_BATCH = 1000


def upgrade() -> None:
    op.execute("UPDATE filmtitle SET kind = 'alias' WHERE kind = 'alternative' AND source_kind = 'platform'")
    op.execute(_MARK_OWN_TITLES)
    is_linked = sa.and_(_RECORDS.c.state == "linked", _RECORDS.c.film_id.is_not(None), _RECORDS.c.source != _WIKIDATA)
    pending: list[dict[str, Any]] = []
    for record in op.get_bind().execute(sa.select(_RECORDS).where(is_linked)).all():
        pending += _list_other_titles(record)
        if len(pending) >= _BATCH:
            _mark_aliases(pending)
            pending = []
    _mark_aliases(pending)


def _list_other_titles(record: Any) -> list[dict[str, Any]]:
    columns = {"film_id": record.film_id, "source": record.source, "source_ref": record.source_ref}
    own_title = record.payload.get("title")
    return [columns | {"title": title} for title in record.payload.get("other_titles", ()) if title != own_title]


def _mark_aliases(titles: list[dict[str, Any]]) -> None:
    stmt = sa.text(
        "UPDATE filmtitle SET kind = 'alias' WHERE film_id = :film_id AND title = :title AND source = :source"
        " AND kind = 'alternative' AND language IS NULL"
        " AND (source_kind = 'source' OR (source_kind = 'merged-record' AND source_ref = :source_ref))"
    )
    if titles:
        op.get_bind().execute(stmt, titles)


def downgrade() -> None:
    op.execute("UPDATE filmtitle SET kind = 'alternative' WHERE kind = 'alias'")
    connection = op.get_bind()
    for record in connection.execute(sa.select(_RECORDS.c.id, _RECORDS.c.payload)).all():
        if "titles" in record.payload:
            stmt = sa.update(_RECORDS).where(_RECORDS.c.id == record.id)
            connection.execute(stmt.values(payload=_fold_titles(record.payload)))


def _fold_titles(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a record as version 0.2 read it, its titles without kind and language among the others."""
    others = [*payload.get("other_titles", ()), *(title["title"] for title in payload["titles"])]
    remaining = {name: value for name, value in payload.items() if name != "titles"}
    return remaining | {"other_titles": list(dict.fromkeys(others))}
