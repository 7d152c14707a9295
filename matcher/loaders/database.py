"""Films and entries of the database, as works to compare."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from sqlmodel import Session, col, select

from domain.linking.redirects import is_canonical
from domain.linking.rejections import get_rejected_films
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.platform import Platform
from domain.runs.runs import is_in_current_run
from matcher.work import Work, make_work


def read_films(session: Session) -> list[Work]:
    """Every film of the base that stands, with all its titles and identifiers."""
    titles: defaultdict[int, list[str]] = defaultdict(list)
    for film_id, title in session.exec(select(FilmTitle.film_id, FilmTitle.title).order_by(col(FilmTitle.id))):
        titles[film_id].append(title)
    ids: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for film_id, scheme, value in session.exec(select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)):
        ids[film_id].append((scheme, value))
    return [_make_film_work(film, titles[film.id], ids[film.id]) for film in session.exec(select(Film).where(is_canonical()))]


def _make_film_work(film: Film, titles: list[str], ids: list[tuple[str, str]]) -> Work:
    return make_work(
        str(film.id),
        [film.title, film.original_title or "", *titles],
        year=film.year,
        release_date=film.release_date,
        runtime_min=film.runtime_min,
        directors=film.directors,
        countries=film.countries,
        kind=film.kind,
        popularity=film.popularity,
        ids=ids,
    )


def read_catalogues(session: Session) -> list[tuple[str, list[Work]]]:
    """The entries of each platform's current run, under the platform's name, with the films that persons rejected."""
    asked = select(Platform, Entry).join(Entry, is_in_current_run()).order_by(col(Platform.id), col(Entry.id))
    by_platform = groupby(session.exec(asked), key=lambda row: (row[0].id, row[0].name))
    rejected = get_rejected_films(session)
    return [
        (name, [make_entry_work(entry, rejected.get(entry.id or 0, ())) for _, entry in rows]) for (_, name), rows in by_platform
    ]


def make_entry_work(entry: Entry, rejected: Iterable[int] = ()) -> Work:
    """An entry, as a work to compare."""
    return make_work(
        str(entry.id),
        [entry.title, entry.original_title or ""],
        year=entry.year,
        runtime_min=entry.runtime_min,
        directors=entry.directors,
        countries=entry.countries,
        kind=entry.kind,
        ids=entry.ids.items(),
        rejected_film_ids=map(str, rejected),
    )
