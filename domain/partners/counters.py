"""Counts of a day added to what is already counted, by one statement a row that both databases understand."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from domain.models.partner import PartnerCount
from domain.models.public_use import FilmExit, UnfoundTitle
from domain.partners.partners import admit

CountTable = type[FilmExit] | type[UnfoundTitle] | type[PartnerCount]
Counted = int | str | tuple[str, int]
_Insert = sqlite.Insert | postgresql.Insert
_INSERTS: dict[str, Callable[[CountTable], _Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEYS: dict[CountTable, tuple[str, ...]] = {
    FilmExit: ("film_id",),
    UnfoundTitle: ("key",),
    PartnerCount: ("origin", "film_id"),
}


def add_counts(session: Session, table: CountTable, counts: Mapping[tuple[Counted, date], int], column: str = "count") -> None:
    """Adds numbers by (film, title, or partner and film, day) to a column, in the caller's transaction.

    What names a film that is no more, or a partner that is not known, is left out, as is what a column cannot hold; a partner is
    known once it loads a block.
    """
    connection, names = session.connection(), _KEYS[table]
    if column == "loads":
        admit(session, {key[0]: day for key, day in counts if isinstance(key, tuple)})
    row = _INSERTS[connection.dialect.name](table)
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
