"""Index films by director, so that a director's films are found without reading them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, insert
from sqlmodel import Session, col, func, select

from domain.common.batches import iter_batches
from domain.common.text import romanise_text, slugify, split_words
from domain.models.film import Film, FilmDirector
from domain.offers.availability import is_available

_BATCH = 500


@dataclass(frozen=True)
class DirectedFilm:
    """Represent a film of a director; `available` tells if some service offers it at the moment asked about."""

    film: Film
    available: bool


def build_director_key(name: str) -> str:
    """Return the slug of a director: « Agnès Varda » gives « agnes-varda »; empty when no word can be read."""
    readable = romanise_text(name)
    return slugify(readable) if split_words(readable) else ""


def build_director_rows(film_id: int, names: Iterable[str]) -> list[dict[str, object]]:
    """Return the rows of a film's directors, each once."""
    names_by_key = {build_director_key(name): name for name in names}
    return [{"film_id": film_id, "key": key, "name": name} for key, name in names_by_key.items() if key]


def replace_directors(session: Session, films: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Replace the directors of these films, given as (film id, names), in the caller's transaction."""
    names_by_film, connection = dict(films), session.connection()
    film_ids = list(names_by_film)
    for batch in iter_batches(film_ids, _BATCH):
        connection.execute(delete(FilmDirector).where(col(FilmDirector.film_id).in_(batch)))
        rows = [row for film_id in batch for row in build_director_rows(film_id, names_by_film[film_id])]
        if rows:
            connection.execute(insert(FilmDirector), rows)


def count_films_by_director(session: Session, key: str) -> int:
    """Count the films of a director."""
    return session.exec(select(func.count()).where(FilmDirector.key == key)).one()


def list_films_by_director(session: Session, key: str, at: datetime, limit: int, offset: int = 0) -> list[DirectedFilm]:
    """Return a director's films, those offered at the moment first, then the latest first."""
    offered = case((is_available(at), 1), else_=0).label("offered")
    order = (offered.desc(), func.coalesce(Film.year, 0).desc(), col(Film.title), col(Film.id))
    stmt = select(Film, offered).join(FilmDirector, col(FilmDirector.film_id) == col(Film.id)).where(FilmDirector.key == key)
    rows = session.exec(stmt.order_by(*order).limit(limit).offset(offset))
    return [DirectedFilm(film, bool(available)) for film, available in rows]


def list_films_by_same_directors(session: Session, film: Film, at: datetime, limit: int) -> list[Film]:
    """Return other films of the same directors that some service offers at the moment, the latest first."""
    keys = [key for key in map(build_director_key, film.directors) if key]
    if not keys:
        return []
    film_ids = select(FilmDirector.film_id).where(col(FilmDirector.key).in_(keys), FilmDirector.film_id != film.id)
    order = (func.coalesce(Film.year, 0).desc(), col(Film.title), col(Film.id))
    stmt = select(Film).where(col(Film.id).in_(film_ids), is_available(at)).order_by(*order)
    return list(session.exec(stmt.limit(limit)))
