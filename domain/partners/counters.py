"""Counts of a day added to what is already counted, by one statement a row that both databases understand."""

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
    """Adds numbers by (film, title, or partner and film, day) to a column, in the caller's transaction.

    What names a film that is no more, or a partner that is not known, is left out, as is what a column cannot hold; a partner is
    known once it loads a block.
    """
    connection, names = session.connection(), _KEY_COLUMNS[table]
    if column == "loads":
        register_partners(session, {key[0]: day for key, day in counts if isinstance(key, tuple)})
    row = _INSERT_BY_DIALECT[connection.dialect.name](table)
    added = {column: table.__table__.c[column] + row.excluded[column]}  # type: ignore[union-attr]
    upsert = row.on_conflict_do_update(index_elements=[*names, "day"], set_=added)
    # Always in the same order, so that two servers which write at once never wait for each other.
    for (counted, day), number in sorted(counts.items(), key=str):
        values = counted if isinstance(counted, tuple) else (counted,)
        try:
            with connection.begin_nested():
                connection.execute(upsert, {**dict(zip(names, values, strict=True)), "day": day, column: number})
        except (DataError, IntegrityError):
            continue
