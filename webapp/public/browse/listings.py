"""Find the films of each list: what is new, leaving, back, free or with a library, by decade and by service."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col

from domain.common.enums import FREE_ACCESSES, Access
from domain.common.paris_time import get_paris_date
from domain.common.text import fold_text
from domain.models.offer import Offer
from domain.offers.arrivals import (
    FilmAvailability,
    group_by_film,
    list_arrivals,
    list_departures,
    list_returns,
    list_service_availabilities,
)
from domain.offers.listings import ListingFacts, get_listing_facts, is_offer_in_decade, map_shown_films
from webapp.public.browse.listed_film import ListedFilm, MoveKind, ServiceLists, get_last_day

WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)
MONTH = timedelta(days=30)
HERITAGE_YEARS = 10

SortKey = Callable[[ListedFilm, ListingFacts], tuple[Any, ...]]


def find_new_films(db: Session, at: datetime) -> list[ListedFilm]:
    """Return what began in seven days, the latest day first: new films, then those that were seen elsewhere or before."""
    since = at - WEEK
    films: list[ListedFilm] = []
    for film_id, availabilities in group_by_film(list_arrivals(db, at, since)).items():
        films += _list_beginnings(film_id, availabilities, since)
    return _sort_films(db, films, _get_novelty_key)


def _list_beginnings(film_id: int, availabilities: Sequence[FilmAvailability], since: datetime) -> Iterator[ListedFilm]:
    """Yield one listed film for each day on which a film began somewhere."""
    first_day = get_paris_date(min(map(_get_beginning, availabilities)))
    recent = [availability for availability in _list_open(availabilities) if availability.began_at > since]
    recent.sort(key=_get_beginning)
    for day, group in groupby(recent, key=lambda availability: get_paris_date(availability.began_at)):
        begun = list(group)
        if first_day == day:
            kind = MoveKind.NEW
        elif any(get_paris_date(other.began_at) < day for other in _list_open(availabilities)):
            kind = MoveKind.ALSO
        else:
            kind = MoveKind.BACK
        yield _build_moving_film(film_id, begun, max(map(_get_beginning, begun)), kind)


def find_leaving_films(db: Session, at: datetime) -> list[ListedFilm]:
    """Return what has a known end within fourteen days, the nearest first."""
    until = at + FORTNIGHT
    films: list[ListedFilm] = []
    for film_id, availabilities in group_by_film(list_departures(db, at, until)).items():
        films += _list_ends(film_id, availabilities, until)
    return _sort_films(db, films, _get_end_key)


def _list_ends(film_id: int, availabilities: Sequence[FilmAvailability], until: datetime) -> Iterator[ListedFilm]:
    """Yield one listed film for each day on which a film ends somewhere."""
    open_now = _list_open(availabilities)
    ending = [availability for availability in open_now if availability.ends_at and availability.ends_at <= until]
    ending.sort(key=_get_end)
    remains_elsewhere = len(ending) < len(open_now)
    last_day = get_last_day(_get_end(ending[-1])) if ending else None
    for day, group in groupby(ending, key=lambda availability: get_last_day(_get_end(availability))):
        ended = list(group)
        kind = MoveKind.LAST if day == last_day and not remains_elsewhere else MoveKind.STAYS
        yield _build_moving_film(film_id, ended, max(map(_get_end, ended)), kind)


def find_heritage_films(db: Session, at: datetime) -> list[ListedFilm]:
    """Return films over ten years old that can be seen, and could not be thirty days ago; the last to come back first."""
    returns = group_by_film(list_returns(db, at, at - MONTH, get_heritage_year(at)))
    films = [
        _build_moving_film(film_id, availabilities, min(map(_get_beginning, availabilities)), MoveKind.BACK)
        for film_id, availabilities in returns.items()
    ]
    return _sort_films(db, films, _get_recency_key)


def get_heritage_year(at: datetime) -> int:
    """Return the last year whose films are over ten years old."""
    return get_paris_date(at).year - HERITAGE_YEARS - 1


def find_newly_free_films(db: Session, at: datetime) -> list[ListedFilm]:
    """Return what became free in thirty days, the latest first."""
    since = at - MONTH
    films = []
    for film_id, availabilities in group_by_film(list_arrivals(db, at, since)).items():
        newly_free = [
            availability
            for availability in _list_open(availabilities)
            if availability.began_at > since and availability.access in FREE_ACCESSES
        ]
        if newly_free:
            films.append(_build_moving_film(film_id, newly_free, max(map(_get_beginning, newly_free)), MoveKind.CAME))
    return _sort_films(db, films, _get_recency_key)


def find_free_films(db: Session, at: datetime) -> list[ListedFilm]:
    """Return what can be seen without paying, by title."""
    return _list_by_title(db, map_shown_films(db, at, col(Offer.access).in_(FREE_ACCESSES)))


def find_library_films(db: Session, at: datetime) -> list[ListedFilm]:
    """Return what can be seen with a library card, by title."""
    return _list_by_title(db, map_shown_films(db, at, col(Offer.access) == Access.LIBRARY))


def make_decade_finder(first_year: int) -> Callable[[Session, datetime], list[ListedFilm]]:
    """Return the finder of the films of ten years that can be seen, by year then title."""

    def find_decade_films(db: Session, at: datetime) -> list[ListedFilm]:
        platform_ids_by_film = map_shown_films(db, at, is_offer_in_decade(first_year))
        films = [ListedFilm(film_id, platform_ids) for film_id, platform_ids in platform_ids_by_film.items()]
        return _sort_films(db, films, _get_year_key)

    return find_decade_films


def make_service_finder(platform_id: int) -> Callable[[Session, datetime], ServiceLists]:
    """Return the finder of the lists of one service."""

    def find_service_lists(db: Session, at: datetime) -> ServiceLists:
        availabilities = list_service_availabilities(db, platform_id, at, at - MONTH)
        return _build_service_lists(db, platform_id, availabilities, at)

    return find_service_lists


def _build_service_lists(db: Session, platform_id: int, availabilities: Sequence[FilmAvailability], at: datetime) -> ServiceLists:
    since = at - MONTH
    catalogue: dict[int, tuple[int, ...]] = {}
    arrived = []
    departed = []
    for film_id, film_availabilities in group_by_film(availabilities).items():
        open_now = _list_open(film_availabilities)
        if open_now:
            catalogue[film_id] = (platform_id,)
            began_at = min(map(_get_beginning, film_availabilities))
            if began_at > since:
                arrived.append(_build_moving_film(film_id, open_now, began_at, MoveKind.CAME))
        elif all(availability.ends_at and availability.ends_at <= at for availability in film_availabilities):
            left_at = max(map(_get_end, film_availabilities))
            if left_at > since:
                departed.append(_build_moving_film(film_id, film_availabilities, left_at, MoveKind.LEFT))
    open_accesses = {availability.access for availability in _list_open(availabilities)}
    return ServiceLists(
        catalogue=_list_by_title(db, catalogue),
        arrived=_sort_films(db, arrived, _get_recency_key),
        departed=_sort_films(db, departed, _get_recency_key),
        accesses=[access for access in Access if access in open_accesses],
    )


def _list_open(availabilities: Iterable[FilmAvailability]) -> list[FilmAvailability]:
    return [availability for availability in availabilities if availability.open_now]


def _build_moving_film(
    film_id: int, availabilities: Sequence[FilmAvailability], moved_at: datetime, move_kind: MoveKind
) -> ListedFilm:
    platform_ids = tuple(dict.fromkeys(availability.platform_id for availability in availabilities))
    platform_accesses = tuple((availability.platform_id, availability.access) for availability in availabilities)
    return ListedFilm(film_id, platform_ids, moved_at, move_kind, platform_accesses)


def _list_by_title(db: Session, films: dict[int, tuple[int, ...]]) -> list[ListedFilm]:
    listed_films = [ListedFilm(film_id, platform_ids) for film_id, platform_ids in films.items()]
    return _sort_films(db, listed_films, lambda film, facts: (fold_text(facts.title),))


def _sort_films(db: Session, films: list[ListedFilm], key: SortKey) -> list[ListedFilm]:
    """Sort the films of a list by what is known of them, then by id; adult films are left out."""
    facts = get_listing_facts(db, dict.fromkeys(film.film_id for film in films))
    allowed = [film for film in films if not facts[film.film_id].adult]
    return sorted(allowed, key=lambda film: (*key(film, facts[film.film_id]), film.film_id))


def _get_novelty_key(film: ListedFilm, facts: ListingFacts) -> tuple[Any, ...]:
    return -_get_day_ordinal(film), film.move_kind is not MoveKind.NEW, fold_text(facts.title)


def _get_recency_key(film: ListedFilm, facts: ListingFacts) -> tuple[Any, ...]:
    return -_get_day_ordinal(film), fold_text(facts.title)


def _get_end_key(film: ListedFilm, facts: ListingFacts) -> tuple[Any, ...]:
    return _get_day_ordinal(film), fold_text(facts.title)


def _get_year_key(film: ListedFilm, facts: ListingFacts) -> tuple[Any, ...]:
    return facts.year or 0, fold_text(facts.title)


def _get_beginning(availability: FilmAvailability) -> datetime:
    return availability.began_at


def _get_end(availability: FilmAvailability) -> datetime:
    assert availability.ends_at is not None
    return availability.ends_at


def _get_day_ordinal(film: ListedFilm) -> int:
    assert film.day is not None
    return film.day.toordinal()
