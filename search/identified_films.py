"""Load the films that the identifiers of a list name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.identifiers import parse_identifiers
from domain.models.film import Film, FilmIdentifier, FilmTitle
from matcher.loaders.database import make_film_work
from matcher.work import Work
from search.requested_film import InputLine


@dataclass(frozen=True)
class IdentifiedFilms:
    """The films that have the identifiers of some lines: their ids by (scheme, value), and their works by id."""

    film_ids: dict[tuple[str, str], int]
    works: dict[int, Work]

    def find_film_ids(self, line: InputLine) -> set[int]:
        """Return the films that have one of the line's identifiers."""
        return {self.film_ids[pair] for pair in parse_identifiers(line.identifiers) if pair in self.film_ids}


def load_identified_films(session: Session, lines: Iterable[InputLine]) -> IdentifiedFilms:
    """Load the films of all the lines at once."""
    values_by_scheme: dict[str, set[str]] = {}
    for line in lines:
        for scheme, value in parse_identifiers(line.identifiers):
            values_by_scheme.setdefault(scheme, set()).add(value)
    if not values_by_scheme:
        return IdentifiedFilms({}, {})
    conditions = [
        and_(col(FilmIdentifier.scheme) == scheme, col(FilmIdentifier.value).in_(values))
        for scheme, values in values_by_scheme.items()
    ]
    stmt = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id).where(or_(*conditions))
    film_ids = {(scheme, value): film_id for scheme, value, film_id in session.exec(stmt)}
    return IdentifiedFilms(film_ids, _load_works(session, set(film_ids.values())))


def _load_works(session: Session, film_ids: set[int]) -> dict[int, Work]:
    titles: defaultdict[int, list[str]] = defaultdict(list)
    aliases: defaultdict[int, list[str]] = defaultdict(list)
    stmt = select(FilmTitle.film_id, FilmTitle.title, FilmTitle.kind).where(col(FilmTitle.film_id).in_(film_ids))
    for film_id, title, kind in session.exec(stmt):
        (aliases if kind is TitleKind.ALIAS else titles)[film_id].append(title)
    films = session.exec(select(Film).where(col(Film.id).in_(film_ids)))
    return {film.id: make_film_work(film, titles[film.id], aliases=aliases[film.id]) for film in films}


def load_identifiers(session: Session, film_ids: Iterable[int]) -> dict[tuple[int, str], set[str]]:
    """Return the identifiers of films, by film id and scheme."""
    values: dict[tuple[int, str], set[str]] = {}
    stmt = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    for film_id, scheme, value in session.exec(stmt.where(col(FilmIdentifier.film_id).in_(list(film_ids)))):
        values.setdefault((film_id, scheme), set()).add(value)
    return values
