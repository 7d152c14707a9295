"""All the films of the base, in stretches that cost the same wherever they stand: for site maps."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from domain.linking.redirects import is_standing
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.offers.availability import linked


class ListedFilm(NamedTuple):
    """A film's number, the readable part of its address, and when what its page says last changed."""

    id: int
    slug: str
    changed: datetime


def count_stretches(session: Session, size: int) -> int:
    """How many stretches of `size` numbers hold the films."""
    return -(-(session.exec(select(func.max(Film.id))).one() or 0) // size)


def list_stretch(session: Session, number: int, size: int) -> Iterator[ListedFilm]:
    """The films of a stretch, from 1: those whose numbers are in it, which may be fewer than `size`."""
    after, upto = (number - 1) * size, number * size
    moments = select(Judgement.film_id, func.max(Offer.first_seen), func.max(Offer.closed_at))
    within = col(Judgement.film_id).between(after + 1, upto)
    moved = {
        film: max(filter(None, told))
        for film, *told in session.exec(linked(moments).where(within).group_by(col(Judgement.film_id)))
    }
    films = select(Film.id, Film.slug, Film.updated).where(Film.id > after, Film.id <= upto, is_standing())
    for film_id, slug, updated in session.exec(films.order_by(col(Film.id))):
        yield ListedFilm(film_id, slug, max(updated, moved.get(film_id, updated)))
