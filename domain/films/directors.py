"""Who made which film: kept beside the films, so that a director's works are found without reading them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, insert
from sqlmodel import Session, col, func, select

from domain.common.text import romanise_text, slugify, split_words
from domain.models.film import Film, FilmDirector
from domain.offers.availability import is_available

_BATCH = 500


@dataclass(frozen=True)
class DirectedFilm:
    """A film of a director, and whether some service offers it at the moment asked about."""

    film: Film
    available: bool


def build_director_key(name: str) -> str:
    """What stands for a director in an address: « Agnès Varda » gives « agnes-varda »; empty when nothing can be read."""
    readable = romanise_text(name)
    return slugify(readable) if split_words(readable) else ""


def build_director_rows(film_id: int, names: Iterable[str]) -> list[dict[str, object]]:
    """The rows of a film's directors, each once."""
    by_key = {build_director_key(name): name for name in names}
    return [{"film_id": film_id, "key": key, "name": name} for key, name in by_key.items() if key]


def replace_directors(session: Session, films: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Brings the table to what these films (number, directors) say, in the caller's transaction."""
    told, connection = dict(films), session.connection()
    numbers = list(told)
    for start in range(0, len(numbers), _BATCH):
        some = numbers[start : start + _BATCH]
        connection.execute(delete(FilmDirector).where(col(FilmDirector.film_id).in_(some)))
        if rows := [row for number in some for row in build_director_rows(number, told[number])]:
            connection.execute(insert(FilmDirector), rows)


def count_films_by_director(session: Session, key: str) -> int:
    """How many films of the base the director made."""
    return session.exec(select(func.count()).where(FilmDirector.key == key)).one()


def list_films_by_director(session: Session, key: str, at: datetime, limit: int, offset: int = 0) -> list[DirectedFilm]:
    """The director's films, those offered at the moment first, then the latest first."""
    offered = case((is_available(at), 1), else_=0).label("offered")
    asked = select(Film, offered).join(FilmDirector, col(FilmDirector.film_id) == col(Film.id)).where(FilmDirector.key == key)
    latest = func.coalesce(Film.year, 0).desc()
    found = session.exec(asked.order_by(offered.desc(), latest, col(Film.title), col(Film.id)).limit(limit).offset(offset))
    return [DirectedFilm(film, bool(available)) for film, available in found]


def list_films_by_same_directors(session: Session, film: Film, at: datetime, limit: int) -> list[Film]:
    """Other films of the same directors that some service offers at the moment, the latest first."""
    keys = [key for key in map(build_director_key, film.directors) if key]
    theirs = select(FilmDirector.film_id).where(col(FilmDirector.key).in_(keys), FilmDirector.film_id != film.id)
    asked = select(Film).where(col(Film.id).in_(theirs), is_available(at))
    latest = func.coalesce(Film.year, 0).desc()
    return list(session.exec(asked.order_by(latest, col(Film.title), col(Film.id)).limit(limit))) if keys else []
