"""Lists of films that some service shows: by access, by year, by service."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlmodel import Session, col

from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.platform import Platform
from domain.offers.availability import is_available, is_open, is_shown, join_linked_offers

_BATCH = 5000
_ADULT_RATINGS = ("18", "18A", "X")
DECADES = range(1880, 2030, 10)


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """What places a film in a list; `adult` films stand in none."""

    title: str
    year: int | None
    adult: bool


def has_adult_content(age_rating: str | None, genres: Iterable[str]) -> bool:
    """Whether a film is pornographic: so called among its genres, and kept from those under 18."""
    return age_rating in _ADULT_RATINGS and any("pornograph" in genre.lower() for genre in genres)


def is_adult() -> ColumnElement[bool]:
    """The same, as an SQL condition on Film."""
    return col(Film.age_rating).in_(_ADULT_RATINGS) & cast(col(Film.genres), String).ilike("%pornograph%")


def get_listing_facts(session: Session, film_ids: Iterable[int]) -> dict[int, ListingFacts]:
    """The facts of some films, by number."""
    found: dict[int, ListingFacts] = {}
    numbers = list(film_ids)
    asked = select(col(Film.id), col(Film.title), col(Film.year), case((is_adult(), 1), else_=0))
    for start in range(0, len(numbers), _BATCH):
        some = asked.where(col(Film.id).in_(numbers[start : start + _BATCH]))
        found |= {number: ListingFacts(title, year, bool(adult)) for number, title, year, adult in session.execute(some)}
    return found


def map_shown_films(session: Session, at: datetime, condition: ColumnElement[bool]) -> dict[int, tuple[int, ...]]:
    """The films that some open offer shows, each with its services; the condition is on Offer, Platform or Judgement."""
    asked: Any = select(col(Judgement.film_id), col(Platform.id))
    found: dict[int, set[int]] = {}
    # Rows that repeat are cheap to read and dear to sort in the database.
    for film_id, platform_id in session.execute(join_linked_offers(asked).where(is_open(at), condition)):
        found.setdefault(film_id, set()).add(platform_id)
    return {film_id: tuple(sorted(platforms)) for film_id, platforms in found.items()}


def get_state_version(session: Session) -> tuple[int, ...]:
    """Changes whenever a collection is accepted, a link decided, or a service shown no more: what was read before is then old."""
    decided = session.scalar(select(func.max(col(Judgement.id))))
    runs, services = session.execute(select(func.sum(col(Platform.current_run_id)), func.count()).where(is_shown())).one()
    return int(decided or 0), int(runs or 0), int(services)


def is_offer_in_decade(first_year: int) -> ColumnElement[bool]:
    """Whether an offer's film is of the ten years that begin so, as an SQL condition."""
    return col(Judgement.film_id).in_(select(col(Film.id)).where(_is_film_in_decade(first_year)))


def _is_film_in_decade(first_year: int) -> ColumnElement[bool]:
    return col(Film.year).between(first_year, first_year + 9)


def list_shown_decades(session: Session, at: datetime) -> list[int]:
    """The decades, by their first year, of which some film can be seen."""
    films = {decade: select(col(Film.id)).where(_is_film_in_decade(decade), is_available(at)).limit(1) for decade in DECADES}
    return [decade for decade, asked in films.items() if session.scalar(asked) is not None]
