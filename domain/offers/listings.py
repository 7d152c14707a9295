"""List the films that some service shows, with what sorts and filters a list: year, decade, adult content."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlmodel import Session, col

from domain.common.batches import iter_batches
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.platform import Platform
from domain.offers.availability import is_available, is_open, is_shown, join_linked_offers

_BATCH_SIZE = 5000
_ADULT_RATINGS = ("18", "18A", "X")
DECADES = range(1880, 2030, 10)


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """Represent what sorts a film in a list; `adult` films appear in none."""

    title: str
    year: int | None
    adult: bool


def has_adult_content(age_rating: str | None, genres: Iterable[str]) -> bool:
    """Return whether a film is pornographic: forbidden under 18, and with a genre that says so."""
    return age_rating in _ADULT_RATINGS and any("pornograph" in genre.lower() for genre in genres)


def is_adult() -> ColumnElement[bool]:
    """Return the rule of `has_adult_content` as an SQL condition on Film."""
    return col(Film.age_rating).in_(_ADULT_RATINGS) & cast(col(Film.genres), String).ilike("%pornograph%")


def get_listing_facts(session: Session, film_ids: Iterable[int]) -> dict[int, ListingFacts]:
    """Return the facts of some films by id."""
    facts: dict[int, ListingFacts] = {}
    stmt = select(col(Film.id), col(Film.title), col(Film.year), case((is_adult(), 1), else_=0))
    for batch in iter_batches(list(film_ids), _BATCH_SIZE):
        for film_id, title, year, adult in session.execute(stmt.where(col(Film.id).in_(batch))):
            facts[film_id] = ListingFacts(title, year, bool(adult))
    return facts


def map_shown_films(session: Session, at: datetime, condition: ColumnElement[bool]) -> dict[int, tuple[int, ...]]:
    """Return the ids of films available at a moment, each with the ids of its platforms, in order.

    `condition` is an SQL condition on Offer, Platform or Judgement.
    """
    stmt: Any = select(col(Judgement.film_id), col(Platform.id))
    platforms_by_film = defaultdict[int, set[int]](set)
    # Rows that repeat are cheap to read and dear to sort in the database.
    for film_id, platform_id in session.execute(join_linked_offers(stmt).where(is_open(at), condition)):
        platforms_by_film[film_id].add(platform_id)
    return {film_id: tuple(sorted(platform_ids)) for film_id, platform_ids in platforms_by_film.items()}


def get_state_version(session: Session) -> tuple[int, ...]:
    """Return a version of the published state, for caches.

    It changes whenever a run is accepted, a link is decided, or a platform begins or ceases to be shown.
    """
    last_judgement_id = session.scalar(select(func.max(col(Judgement.id))))
    stmt = select(func.sum(col(Platform.current_run_id)), func.count()).where(is_shown())
    run_id_sum, platform_count = session.execute(stmt).one()
    return int(last_judgement_id or 0), int(run_id_sum or 0), int(platform_count)


def is_offer_in_decade(first_year: int) -> ColumnElement[bool]:
    """Return the SQL condition that an offer's film is of the ten years that begin with a year."""
    return col(Judgement.film_id).in_(select(col(Film.id)).where(_is_film_in_decade(first_year)))


def _is_film_in_decade(first_year: int) -> ColumnElement[bool]:
    return col(Film.year).between(first_year, first_year + 9)


def list_shown_decades(session: Session, at: datetime) -> list[int]:
    """Return the decades, by their first year, of which some film is available at a moment."""
    return [decade for decade in DECADES if _has_film_in_decade(session, decade, at)]


def _has_film_in_decade(session: Session, first_year: int, at: datetime) -> bool:
    stmt = select(col(Film.id)).where(_is_film_in_decade(first_year), is_available(at)).limit(1)
    return session.scalar(stmt) is not None
