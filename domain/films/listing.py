"""All the films of the base, in stretches that cost the same wherever they stand: for site maps."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from domain.linking.redirects import is_canonical
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.offers.availability import join_linked_offers


class SitemapFilm(NamedTuple):
    """A film's number, the readable part of its address, and when what its page says last changed."""

    id: int
    slug: str
    changed_at: datetime


def count_chunks(session: Session, size: int) -> int:
    """How many stretches of `size` numbers hold the films."""
    return -(-(session.exec(select(func.max(Film.id))).one() or 0) // size)


def list_chunk_films(session: Session, chunk_number: int, size: int) -> Iterator[SitemapFilm]:
    """The films of a stretch, from 1: those whose numbers are in it, which may be fewer than `size`."""
    after, upto = (chunk_number - 1) * size, chunk_number * size
    moments = select(Judgement.film_id, func.max(Offer.first_seen), func.max(Offer.closed_at))
    within = col(Judgement.film_id).between(after + 1, upto)
    moved = {
        film: max(filter(None, told))
        for film, *told in session.exec(join_linked_offers(moments).where(within).group_by(col(Judgement.film_id)))
    }
    films = select(Film.id, Film.slug, Film.updated_at).where(Film.id > after, Film.id <= upto, is_canonical())
    for film_id, slug, updated in session.exec(films.order_by(col(Film.id))):
        yield SitemapFilm(film_id, slug, max(updated, moved.get(film_id, updated)))
