"""Add to the counters of a day, with one upsert for each row, on both databases."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from domain.models.partner import PartnerCount
from domain.models.public_use import FilmExit, UnfoundTitle
from domain.partners.partners import register_partners

CountTable = type[FilmExit] | type[UnfoundTitle] | type[PartnerCount]
CountKey = int | str | tuple[str, int]
_InsertStmt = sqlite.Insert | postgresql.Insert
_INSERT_BY_DIALECT: dict[str, Callable[[CountTable], _InsertStmt]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEY_COLUMNS: dict[CountTable, tuple[str, ...]] = {
    FilmExit: ("film_id",),
    UnfoundTitle: ("key",),
    PartnerCount: ("origin", "film_id"),
}


def add_counts(session: Session, table: CountTable, counts: Mapping[tuple[CountKey, date], int], column: str = "count") -> None:
    """Add counts by (key, day) to a column, in the caller's transaction; the key is a film, a title, or a partner and a film.

    Counts of a film or a partner that does not exist are left out, and so are those that the column cannot hold. A partner
    exists once it has loaded a block.
    """
    connection = session.connection()
    key_columns = _KEY_COLUMNS[table]
    if column == "loads":
        register_partners(session, {key[0]: day for key, day in counts if isinstance(key, tuple)})
    insert = _INSERT_BY_DIALECT[connection.dialect.name](table)
    sum_of_both = {column: table.__table__.c[column] + insert.excluded[column]}  # type: ignore[union-attr]
    upsert = insert.on_conflict_do_update(index_elements=[*key_columns, "day"], set_=sum_of_both)
    # Always in the same order, so that two servers which write at once never wait for each other.
    for (key, day), count in sorted(counts.items(), key=str):
        key_values = key if isinstance(key, tuple) else (key,)
        row = dict(zip(key_columns, key_values, strict=True)) | {"day": day, column: count}
        try:
            with connection.begin_nested():
                connection.execute(upsert, row)
        except (DataError, IntegrityError):
            continue
