"""Load the films and entries of the database as works to compare."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, true
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
from domain.common.enums import Kind, TitleKind
from domain.common.identifiers import parse_identifier
from domain.linking.redirects import is_canonical
from domain.linking.rejections import get_rejected_films
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from matcher.work import Work, make_work

_BATCH = 500
_CNC_SCHEME = "cnc"
_FILM_COLUMNS = (
    "id",
    "title",
    "original_title",
    "year",
    "release_date",
    "runtime_min",
    "directors",
    "countries",
    "kind",
    "popularity",
)
_ENTRY_COLUMNS = ("id", "title", "original_title", "year", "runtime_min", "directors", "countries", "kind", "ids")


class FilmFacts(Protocol):
    """Describe what is read of a film: a Film, or a row of the same columns, which is much faster to load."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def original_title(self) -> str | None: ...
    @property
    def year(self) -> int | None: ...
    @property
    def release_date(self) -> date | None: ...
    @property
    def runtime_min(self) -> int | None: ...
    @property
    def directors(self) -> list[str]: ...
    @property
    def countries(self) -> list[str]: ...
    @property
    def kind(self) -> Kind | None: ...
    @property
    def popularity(self) -> float | None: ...


def read_films(session: Session, film_ids: Sequence[int] | None = None) -> list[Work]:
    """Return the canonical films by id, all or those of some ids, with all their titles and identifiers, the CNC's among them.

    `matcher.loaders.film_contents` must read whatever is read here.
    """
    titles: defaultdict[int, list[str]] = defaultdict(list)
    aliases: defaultdict[int, list[str]] = defaultdict(list)
    stmt = select(FilmTitle.film_id, FilmTitle.title, FilmTitle.kind).order_by(col(FilmTitle.id))
    for film_id, title, kind in session.exec(stmt.where(_is_one_of(FilmTitle.film_id, film_ids))):
        (aliases if kind is TitleKind.ALIAS else titles)[film_id].append(title)
    ids: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    id_stmt = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    for film_id, scheme, value in session.exec(id_stmt.where(_is_one_of(FilmIdentifier.film_id, film_ids))):
        ids[film_id].append((scheme, value))
    columns = [getattr(Film, name) for name in _FILM_COLUMNS]
    films = session.execute(sql_select(*columns).where(is_canonical(), _is_one_of(Film.id, film_ids)).order_by(col(Film.id)))
    return [
        add_cnc_ids(make_film_work(film, titles[film.id], ids[film.id], aliases[film.id]), ids[film.id])
        for film in cast(Any, films)
    ]


def _is_one_of(column: Any, film_ids: Sequence[int] | None) -> ColumnElement[bool]:
    return true() if film_ids is None else col(column).in_(film_ids)


def add_cnc_ids(work: Work, ids: Iterable[tuple[str, str]]) -> Work:
    """Return a work with the CNC's numbers among its identifiers: no catalogue gives them, a list to reconcile may."""
    parsed_ids = {parse_identifier(_CNC_SCHEME, value) for scheme, value in ids if scheme == _CNC_SCHEME}
    cnc_ids = sorted(f"{_CNC_SCHEME}:{value}" for value in parsed_ids if value)
    return replace(work, ids=(*work.ids, *cnc_ids)) if cnc_ids else work


def make_film_work(
    film: FilmFacts,
    other_titles: Iterable[str] = (),
    ids: Iterable[tuple[str, str]] = (),
    aliases: Iterable[str] = (),
) -> Work:
    """Return a film as a work to compare; `ids` are pairs of a scheme and a value."""
    return make_work(
        str(film.id),
        [film.title, film.original_title or "", *other_titles],
        aliases=aliases,
        year=film.year,
        release_date=film.release_date,
        runtime_min=film.runtime_min,
        directors=film.directors,
        countries=film.countries,
        kind=film.kind,
        popularity=film.popularity,
        ids=ids,
    )


def read_entries(session: Session, entry_ids: Sequence[int]) -> dict[int, Work]:
    """Return these entries by id, with the films that persons rejected for them; those that do not exist are absent."""
    rejected_films = get_rejected_films(session)
    columns = [getattr(Entry, name) for name in _ENTRY_COLUMNS]  # a row of columns is much faster to load than an Entry
    works: dict[int, Work] = {}
    for batch in iter_batches(entry_ids, _BATCH):
        rows = session.execute(sql_select(*columns).where(col(Entry.id).in_(batch)))
        for entry in cast(Any, rows):
            works[entry.id] = make_entry_work(entry, rejected_films.get(entry.id, ()))
    return works


def make_entry_work(entry: Entry, rejected_film_ids: Iterable[int] = ()) -> Work:
    """Return an entry as a work to compare."""
    return make_work(
        str(entry.id),
        [entry.title, entry.original_title or ""],
        year=entry.year,
        runtime_min=entry.runtime_min,
        directors=entry.directors,
        countries=entry.countries,
        kind=entry.kind,
        ids=entry.ids.items(),
        rejected_film_ids=map(str, rejected_film_ids),
    )
