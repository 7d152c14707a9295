"""Films found by the words of their titles: one search for the site and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_
from sqlmodel import Session, col, select

from records.availability import available_presences, is_available
from records.films import Film, FilmTitle
from records.text import clean
from records.titles import title_key
from records.vocabulary import Access
from webapp.context import Refusal

PAGE_SIZE = 20
MAX_QUERY = 200
_MAX_PAGE = 10_000
_STEM = 4


@dataclass(frozen=True)
class Hit:
    """A film found, and how it can be watched now."""

    film: Film
    accesses: list[Access]


@dataclass(frozen=True)
class Results:
    """One page of films. `near` says that no title has these words and that their beginnings were tried."""

    hits: list[Hit]
    total: int
    page: int
    near: bool

    @property
    def pages(self) -> int:
        """How many pages there are; one when nothing was found."""
        return max(1, -(-self.total // PAGE_SIZE))


def read_query(text: str) -> str:
    """The words searched for. Raises Refusal when they are too long."""
    if len(text) > MAX_QUERY:
        raise Refusal(f"La recherche (paramètre « q ») est limitée à {MAX_QUERY} caractères.")
    return clean(text)


def read_page(text: str) -> int:
    """The page number asked for. Raises Refusal when it is not one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_PAGE)) and 1 <= int(text) <= _MAX_PAGE):
        raise Refusal(f"Le numéro de page (paramètre « page ») est un nombre de 1 à {_MAX_PAGE}.")
    return int(text)


def search_films(session: Session, query: str, page: int, at: datetime) -> Results:
    """Films with a title that holds all the words, whatever the accents, case or article.

    Exact titles come first, then those that begin so, then the others; within a rank, films that can be watched now,
    then the best known, then the latest. When there is none, the same with the first four letters of each word.
    """
    key = title_key(query)
    words = key.split()
    stems = [word[:_STEM] for word in words]
    found = _ranked(session, key, words, at)
    near = not found and stems != words
    if near:
        found = _ranked(session, key, stems, at)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Results(_hits(session, shown, at), len(found), page, near)


def _ranked(session: Session, key: str, words: list[str], at: datetime) -> Sequence[int]:
    if not words:
        return []
    title = col(FilmTitle.key)
    rank = func.min(case((title == key, 0), (title.startswith(key, autoescape=True), 1), else_=2))
    known, year = col(Film.popularity).desc().nulls_last(), col(Film.year).desc().nulls_last()
    asked = select(Film.id).join(FilmTitle).where(*map(_holds, words)).group_by(col(Film.id))
    return session.exec(asked.order_by(rank, is_available(at).desc(), known, year, col(Film.id))).all()


def _hits(session: Session, film_ids: Sequence[int], at: datetime) -> list[Hit]:
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    shown = {(film_id, access) for film_id, _, access in available_presences(session, at, film_ids)}
    return [Hit(films[film_id], [access for access in Access if (film_id, access) in shown]) for film_id in film_ids]


def _holds(word: str) -> ColumnElement[bool]:
    """A word of the title begins so; four digits may also be the film's year."""
    title = col(FilmTitle.key)
    begins = or_(title.startswith(word, autoescape=True), title.contains(f" {word}", autoescape=True))
    return or_(begins, col(Film.year) == int(word)) if word.isdecimal() and len(word) == 4 else begins
