"""Follow films that were merged: which are canonical, and where the others lead."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, not_
from sqlmodel import Session, col, func, select

from domain.common.batches import iter_batches
from domain.models.film import Film

_BATCH = 500


def is_canonical() -> ColumnElement[bool]:
    """Return the SQL condition on Film that it was not merged into another."""
    return col(Film.merged_into).is_(None)


def count_canonical_films(session: Session) -> int:
    """Count the films of the reference base, those merged into another left out."""
    return session.exec(select(func.count()).select_from(Film).where(is_canonical())).one()


def get_canonical_film(session: Session, film_id: int) -> Film | None:
    """Return a film by id, or the one it was merged into, directly or not; None when the id is unknown."""
    film = session.get(Film, film_id)
    while film is not None and film.merged_into is not None:
        film = session.get(Film, film.merged_into)
    return film


def list_film_and_merged_ids(session: Session, film_id: int) -> list[int]:
    """Return the film's own id, then those of the films merged into it, directly or not."""
    film_ids, latest = [film_id], [film_id]
    while latest:
        latest = list(session.exec(select(Film.id).where(col(Film.merged_into).in_(latest)).order_by(col(Film.id))))
        film_ids += latest
    return film_ids


def map_canonical_ids(session: Session, film_ids: Iterable[int]) -> dict[int, int]:
    """Return the id of the canonical film of each of these films that was merged; the others are absent."""
    merged_ids: list[int] = []
    for batch in iter_batches(list(film_ids), _BATCH):
        merged_ids += session.exec(select(Film.id).where(col(Film.id).in_(batch), not_(is_canonical())))
    canonical_ids: dict[int, int] = {}
    for merged_id in merged_ids:
        film = get_canonical_film(session, merged_id)
        if film is not None:
            canonical_ids[merged_id] = film.id
    return canonical_ids
