"""Films that persons said are one: which stand, and what became of the others."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from domain.models.film import Film

_BATCH = 500


def is_canonical() -> ColumnElement[bool]:
    """Whether a film was not merged into another, as an SQL condition on Film."""
    return col(Film.merged_into).is_(None)


def count_canonical_films(session: Session) -> int:
    """Count the films of the reference base, those merged into another left out."""
    return session.exec(select(func.count()).select_from(Film).where(is_canonical())).one()


def get_canonical_film(session: Session, film_id: int) -> Film | None:
    """The film of a number; where it was merged into another, that one, as far as it leads. None when there is none."""
    film = session.get(Film, film_id)
    while film is not None and film.merged_into is not None:
        film = session.get(Film, film.merged_into)
    return film


def list_film_and_merged_ids(session: Session, film_id: int) -> list[int]:
    """The film's own number, then those of the films merged into it, directly or not."""
    found, last = [film_id], [film_id]
    while last:
        last = list(session.exec(select(Film.id).where(col(Film.merged_into).in_(last)).order_by(col(Film.id))))
        found += last
    return found


def map_canonical_ids(session: Session, film_ids: Iterable[int]) -> dict[int, int]:
    """The number of the film that stands, for those of these numbers that were merged."""
    wanted, merged = list(film_ids), list[int]()
    for start in range(0, len(wanted), _BATCH):
        some = col(Film.id).in_(wanted[start : start + _BATCH])
        merged += session.exec(select(Film.id).where(some, col(Film.merged_into).is_not(None)))
    found = {number: get_canonical_film(session, number) for number in merged}
    return {number: film.id for number, film in found.items() if film}
