"""The lists of films: which, in which order, and what is said of each. Pornographic works stand in none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
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

WEEK, FORTNIGHT, MONTH = timedelta(days=7), timedelta(days=14), timedelta(days=30)
HERITAGE_YEARS = 10


class MoveKind(Enum):
    """What is said of a film that moves."""

    NEW = auto()
    ALSO = auto()
    BACK = auto()
    LAST = auto()
    STAYS = auto()
    CAME = auto()
    LEFT = auto()


@dataclass(frozen=True, slots=True)
class FilmLine:
    """A film of a list, the services that show it, and, where it moves, when, how and on which (service, access)."""

    film_id: int
    platform_ids: tuple[int, ...]
    moved_at: datetime | None = None
    move_kind: MoveKind | None = None
    platform_accesses: tuple[tuple[int, Access], ...] = ()

    @property
    def day(self) -> date | None:
        """The day in Paris. An end at midnight leaves the day before as the last one."""
        if self.moved_at is None:
            return None
        ending = self.move_kind in (MoveKind.LAST, MoveKind.STAYS)
        return get_paris_date(self.moved_at - timedelta(seconds=1) if ending else self.moved_at)


@dataclass(frozen=True)
class ServiceLists:
    """What a service shows, under which accesses, and what came and went in thirty days."""

    catalogue: list[FilmLine]
    arrived: list[FilmLine]
    departed: list[FilmLine]
    accesses: list[Access]


def filter_by_services(lines: Iterable[FilmLine], platform_ids: Iterable[int]) -> list[FilmLine]:
    """The same lines for some services only, those without any left out; for all of them when none is named."""
    chosen = set(platform_ids)
    if not chosen:
        return list(lines)
    mine = (
        replace(
            line,
            platform_ids=tuple(number for number in line.platform_ids if number in chosen),
            platform_accesses=tuple(way for way in line.platform_accesses if way[0] in chosen),
        )
        for line in lines
    )
    return [line for line in mine if line.platform_ids]


def find_new_films(db: Session, at: datetime) -> list[FilmLine]:
    """What began in seven days, the latest day first: new films, then those that were seen elsewhere or before."""
    since, found = at - WEEK, []
    for film_id, ways in group_by_film(list_arrivals(db, at, since)).items():
        first = get_paris_date(min(way.began_at for way in ways))
        fresh = sorted((way for way in ways if way.open_now and way.began_at > since), key=lambda way: way.began_at)
        for day, some in groupby(fresh, key=lambda way: get_paris_date(way.began_at)):
            begun = list(some)
            others = any(way.open_now and get_paris_date(way.began_at) < day for way in ways)
            tone = MoveKind.NEW if first == day else MoveKind.ALSO if others else MoveKind.BACK
            found.append(_build_moving_line(film_id, begun, max(way.began_at for way in begun), tone))
    return _sort_lines(
        db, found, lambda line, facts: (-_get_day_ordinal(line), line.move_kind is not MoveKind.NEW, fold_text(facts.title))
    )


def find_leaving_films(db: Session, at: datetime) -> list[FilmLine]:
    """What has a known end within fourteen days, the nearest first."""
    until, found = at + FORTNIGHT, []
    for film_id, ways in group_by_film(list_departures(db, at, until)).items():
        ending = sorted((way for way in ways if way.open_now and way.ends_at and way.ends_at <= until), key=_get_end)
        stays = any(way.open_now and way not in ending for way in ways)
        for day, some in groupby(ending, key=lambda way: get_paris_date(_get_end(way) - timedelta(seconds=1))):
            last = list(some)
            later = stays or any(get_paris_date(_get_end(way) - timedelta(seconds=1)) > day for way in ending)
            found.append(_build_moving_line(film_id, last, max(map(_get_end, last)), MoveKind.STAYS if later else MoveKind.LAST))
    return _sort_lines(db, found, lambda line, facts: (_get_day_ordinal(line), fold_text(facts.title)))


def find_heritage_films(db: Session, at: datetime) -> list[FilmLine]:
    """Films over ten years old that can be seen, and could not be thirty days ago; the last to come back first."""
    back = group_by_film(list_returns(db, at, at - MONTH, get_heritage_year(at)))
    found = [
        _build_moving_line(film_id, ways, min(way.began_at for way in ways), MoveKind.BACK) for film_id, ways in back.items()
    ]
    return _sort_lines(db, found, _get_recency_key)


def get_heritage_year(at: datetime) -> int:
    """The last year whose films are over ten years old."""
    return get_paris_date(at).year - HERITAGE_YEARS - 1


def find_newly_free_films(db: Session, at: datetime) -> list[FilmLine]:
    """What became free in thirty days, the latest first."""
    since, found = at - MONTH, []
    for film_id, ways in group_by_film(list_arrivals(db, at, since)).items():
        free = [way for way in ways if way.open_now and way.began_at > since and way.access in FREE_ACCESSES]
        if free:
            found.append(_build_moving_line(film_id, free, max(way.began_at for way in free), MoveKind.CAME))
    return _sort_lines(db, found, _get_recency_key)


def find_free_films(db: Session, at: datetime) -> list[FilmLine]:
    """What can be seen without paying, by title."""
    return _build_lines_by_title(db, map_shown_films(db, at, col(Offer.access).in_(FREE_ACCESSES)))


def find_library_films(db: Session, at: datetime) -> list[FilmLine]:
    """What can be seen with a library's card, by title."""
    return _build_lines_by_title(db, map_shown_films(db, at, col(Offer.access) == Access.LIBRARY))


def make_decade_finder(first_year: int) -> Callable[[Session, datetime], list[FilmLine]]:
    """The list of the films of ten years that can be seen, by year then title."""

    def make(db: Session, at: datetime) -> list[FilmLine]:
        lines = [
            FilmLine(film_id, platforms) for film_id, platforms in map_shown_films(db, at, is_offer_in_decade(first_year)).items()
        ]
        return _sort_lines(db, lines, lambda line, facts: (facts.year or 0, fold_text(facts.title)))

    return make


def make_service_finder(platform_id: int) -> Callable[[Session, datetime], ServiceLists]:
    """The lists of one service."""

    def make(db: Session, at: datetime) -> ServiceLists:
        since = at - MONTH
        catalogue: dict[int, tuple[int, ...]] = {}
        entries, exits = [], []
        found = list_service_availabilities(db, platform_id, at, since)
        open_now = {way.access for way in found if way.open_now}
        for film_id, ways in group_by_film(found).items():
            shown = [way for way in ways if way.open_now]
            if shown:
                catalogue[film_id] = (platform_id,)
                if (began := min(way.began_at for way in ways)) > since:
                    entries.append(_build_moving_line(film_id, shown, began, MoveKind.CAME))
            elif all(way.ends_at and way.ends_at <= at for way in ways) and (left := max(map(_get_end, ways))) > since:
                exits.append(_build_moving_line(film_id, ways, left, MoveKind.LEFT))
        moves = _sort_lines(db, entries, _get_recency_key), _sort_lines(db, exits, _get_recency_key)
        return ServiceLists(_build_lines_by_title(db, catalogue), *moves, [access for access in Access if access in open_now])

    return make


SortKey = Callable[[FilmLine, ListingFacts], tuple[Any, ...]]


def _get_recency_key(line: FilmLine, facts: ListingFacts) -> tuple[Any, ...]:
    return -_get_day_ordinal(line), fold_text(facts.title)


def _build_lines_by_title(db: Session, films: dict[int, tuple[int, ...]]) -> list[FilmLine]:
    lines = [FilmLine(film_id, platforms) for film_id, platforms in films.items()]
    return _sort_lines(db, lines, lambda line, facts: (fold_text(facts.title),))


def _sort_lines(db: Session, lines: list[FilmLine], key: SortKey) -> list[FilmLine]:
    facts = get_listing_facts(db, dict.fromkeys(line.film_id for line in lines))
    allowed = [line for line in lines if not facts[line.film_id].adult]
    return sorted(allowed, key=lambda line: (*key(line, facts[line.film_id]), line.film_id))


def _build_moving_line(film_id: int, ways: list[FilmAvailability], moved_at: datetime, move_kind: MoveKind) -> FilmLine:
    platforms = tuple(dict.fromkeys(way.platform_id for way in ways))
    return FilmLine(film_id, platforms, moved_at, move_kind, tuple((way.platform_id, way.access) for way in ways))


def _get_end(way: FilmAvailability) -> datetime:
    assert way.ends_at is not None
    return way.ends_at


def _get_day_ordinal(line: FilmLine) -> int:
    return line.day.toordinal() if line.day else 0
