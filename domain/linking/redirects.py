"""Films that persons said are one: which stand, and what became of the others."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.models.film import Film

_BATCH = 500


def is_standing() -> ColumnElement[bool]:
    """Whether a film was not merged into another, as an SQL condition on Film."""
    return col(Film.merged_into).is_(None)


def standing_film(session: Session, number: int) -> Film | None:
    """The film of a number; where it was merged into another, that one, as far as it leads. None when there is none."""
    film = session.get(Film, number)
    while film is not None and film.merged_into is not None:
        film = session.get(Film, film.merged_into)
    return film


def numbers_of(session: Session, film_id: int) -> list[int]:
    """The film's own number, then those of the films merged into it, directly or not."""
    found, last = [film_id], [film_id]
    while last:
        last = list(session.exec(select(Film.id).where(col(Film.merged_into).in_(last)).order_by(col(Film.id))))
        found += last
    return found


def standing_numbers(session: Session, numbers: Iterable[int]) -> dict[int, int]:
    """The number of the film that stands, for those of these numbers that were merged."""
    wanted, merged = list(numbers), list[int]()
    for start in range(0, len(wanted), _BATCH):
        some = col(Film.id).in_(wanted[start : start + _BATCH])
        merged += session.exec(select(Film.id).where(some, col(Film.merged_into).is_not(None)))
    found = {number: standing_film(session, number) for number in merged}
    return {number: film.id for number, film in found.items() if film}
