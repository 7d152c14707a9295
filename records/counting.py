"""Counts of a day added to what is already counted, by one statement a row that both databases understand."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from records.public import FilmExit, UnfoundTitle

CountTable = type[FilmExit] | type[UnfoundTitle]
_Insert = sqlite.Insert | postgresql.Insert
_INSERTS: dict[str, Callable[[CountTable], _Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEYS: dict[CountTable, str] = {FilmExit: "film_id", UnfoundTitle: "key"}


def add_counts(session: Session, table: CountTable, counts: Mapping[tuple[int | str, date], int]) -> None:
    """Adds numbers by (film or title, day), in the caller's transaction; a film that is no more is left out."""
    connection, key = session.connection(), _KEYS[table]
    row = _INSERTS[connection.dialect.name](table)
    added = {"count": col(table.count) + row.excluded.count}
    upsert = row.on_conflict_do_update(index_elements=[key, "day"], set_=added)
    # Always in the same order, so that two servers which write at once never wait for each other.
    for (counted, day), number in sorted(counts.items(), key=str):
        try:
            with connection.begin_nested():
                connection.execute(upsert, {key: counted, "day": day, "count": number})
        except IntegrityError:
            continue
