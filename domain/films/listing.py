"""List all films in chunks by id, which cost the same wherever they are: for site maps."""

import math
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
    """Represent a film in a site map; `changed_at` is when what its page shows last changed."""

    id: int
    slug: str
    changed_at: datetime


def count_chunks(session: Session, size: int) -> int:
    """Return how many chunks of `size` ids hold the films."""
    last_id = session.exec(select(func.max(Film.id))).one() or 0
    return math.ceil(last_id / size)


def list_chunk_films(session: Session, chunk_number: int, size: int) -> Iterator[SitemapFilm]:
    """Yield the canonical films of a chunk, numbered from 1: those whose ids are in it, which may be fewer than `size`."""
    first_id, last_id = (chunk_number - 1) * size + 1, chunk_number * size
    stmt = join_linked_offers(select(Judgement.film_id, func.max(Offer.first_seen), func.max(Offer.closed_at)))
    stmt = stmt.where(col(Judgement.film_id).between(first_id, last_id)).group_by(col(Judgement.film_id))
    offers_changed_at: dict[int | None, datetime] = {}
    for film_id, first_seen, closed_at in session.exec(stmt):
        offers_changed_at[film_id] = max(first_seen, closed_at or first_seen)
    films = select(Film.id, Film.slug, Film.updated_at).where(col(Film.id).between(first_id, last_id), is_canonical())
    for film_id, slug, updated_at in session.exec(films.order_by(col(Film.id))):
        yield SitemapFilm(film_id, slug, max(updated_at, offers_changed_at.get(film_id, updated_at)))
