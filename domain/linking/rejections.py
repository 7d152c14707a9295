"""Learn from a person's decision which films are never to be proposed again for an entry."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from domain.models.review_case import Rejection


def reject_films(session: Session, entry_id: int, film_ids: Iterable[int], case_id: int | None, now: datetime) -> list[int]:
    """Record that an entry is none of these films, and return the ids of those that were not rejected before."""
    rejected = set(session.exec(select(Rejection.film_id).where(Rejection.entry_id == entry_id)))
    new = [film_id for film_id in dict.fromkeys(film_ids) if film_id not in rejected]
    session.add_all(Rejection(entry_id=entry_id, film_id=film_id, case_id=case_id, rejected_at=now) for film_id in new)
    return new


def remove_rejection(session: Session, entry_id: int, film_id: int) -> bool:
    """Let a film be proposed again for an entry that a person now says it is; tell if it had been rejected."""
    rejection = session.exec(select(Rejection).where(Rejection.entry_id == entry_id, Rejection.film_id == film_id)).first()
    if rejection is not None:
        session.delete(rejection)
    return rejection is not None


def delete_rejections(session: Session, case_id: int) -> None:
    """Delete the rejections made on a case."""
    session.exec(delete(Rejection).where(col(Rejection.case_id) == case_id))


def get_rejected_films(session: Session) -> dict[int, set[int]]:
    """Return the ids of the films that persons said each entry is not, by entry id."""
    film_ids: defaultdict[int, set[int]] = defaultdict(set)
    for entry_id, film_id in session.exec(select(Rejection.entry_id, Rejection.film_id)):
        film_ids[entry_id].add(film_id)
    return dict(film_ids)
