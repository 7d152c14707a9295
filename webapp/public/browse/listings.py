"""The lists of films: which, in which order, and what is said of each. Pornographic works stand in none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
from itertools import groupby
from typing import Any

from sqlmodel import Session, col

from domain.common.enums import FREE, Access
from domain.common.paris_time import day_in_paris
from domain.common.text import fold
from domain.models.offer import Offer
from domain.offers.arrivals import Way, arrivals, by_film, departures, returns, service_ways
from domain.offers.listings import Facts, facts_of, is_of_decade, shown_films

WEEK, FORTNIGHT, MONTH = timedelta(days=7), timedelta(days=14), timedelta(days=30)
HERITAGE_YEARS = 10


class Tone(Enum):
    """What is said of a film that moves."""

    NEW = auto()
    ALSO = auto()
    BACK = auto()
    LAST = auto()
    STAYS = auto()
    CAME = auto()
    LEFT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A film of a list, the services that show it, and, where it moves, when, how and on which (service, access)."""

    film_id: int
    platforms: tuple[int, ...]
    moment: datetime | None = None
    tone: Tone | None = None
    ways: tuple[tuple[int, Access], ...] = ()

    @property
    def day(self) -> date | None:
        """The day in Paris. An end at midnight leaves the day before as the last one."""
        if self.moment is None:
            return None
        ending = self.tone in (Tone.LAST, Tone.STAYS)
        return day_in_paris(self.moment - timedelta(seconds=1) if ending else self.moment)


@dataclass(frozen=True)
class ServiceLists:
    """What a service shows, under which accesses, and what came and went in thirty days."""

    catalogue: list[Line]
    entries: list[Line]
    exits: list[Line]
    accesses: list[Access]


def narrowed(lines: Iterable[Line], platform_ids: Iterable[int]) -> list[Line]:
    """The same lines for some services only, those without any left out; for all of them when none is named."""
    chosen = set(platform_ids)
    if not chosen:
        return list(lines)
    mine = (
        replace(
            line,
            platforms=tuple(number for number in line.platforms if number in chosen),
            ways=tuple(way for way in line.ways if way[0] in chosen),
        )
        for line in lines
    )
    return [line for line in mine if line.platforms]


def news(db: Session, at: datetime) -> list[Line]:
    """What began in seven days, the latest day first: new films, then those that were seen elsewhere or before."""
    since, found = at - WEEK, []
    for film_id, ways in by_film(arrivals(db, at, since)).items():
        first = day_in_paris(min(way.began for way in ways))
        fresh = sorted((way for way in ways if way.open and way.began > since), key=lambda way: way.began)
        for day, some in groupby(fresh, key=lambda way: day_in_paris(way.began)):
            begun = list(some)
            others = any(way.open and day_in_paris(way.began) < day for way in ways)
            tone = Tone.NEW if first == day else Tone.ALSO if others else Tone.BACK
            found.append(_moving(film_id, begun, max(way.began for way in begun), tone))
    return _arranged(db, found, lambda line, facts: (-_ordinal(line), line.tone is not Tone.NEW, fold(facts.title)))


def leaving(db: Session, at: datetime) -> list[Line]:
    """What has a known end within fourteen days, the nearest first."""
    until, found = at + FORTNIGHT, []
    for film_id, ways in by_film(departures(db, at, until)).items():
        ending = sorted((way for way in ways if way.open and way.over and way.over <= until), key=_over)
        stays = any(way.open and way not in ending for way in ways)
        for day, some in groupby(ending, key=lambda way: day_in_paris(_over(way) - timedelta(seconds=1))):
            last = list(some)
            later = stays or any(day_in_paris(_over(way) - timedelta(seconds=1)) > day for way in ending)
            found.append(_moving(film_id, last, max(map(_over, last)), Tone.STAYS if later else Tone.LAST))
    return _arranged(db, found, lambda line, facts: (_ordinal(line), fold(facts.title)))


def heritage(db: Session, at: datetime) -> list[Line]:
    """Films over ten years old that can be seen, and could not be thirty days ago; the last to come back first."""
    back = by_film(returns(db, at, at - MONTH, heritage_year(at)))
    found = [_moving(film_id, ways, min(way.began for way in ways), Tone.BACK) for film_id, ways in back.items()]
    return _arranged(db, found, _latest)


def heritage_year(at: datetime) -> int:
    """The last year whose films are over ten years old."""
    return day_in_paris(at).year - HERITAGE_YEARS - 1


def newly_free(db: Session, at: datetime) -> list[Line]:
    """What became free in thirty days, the latest first."""
    since, found = at - MONTH, []
    for film_id, ways in by_film(arrivals(db, at, since)).items():
        free = [way for way in ways if way.open and way.began > since and way.access in FREE]
        if free:
            found.append(_moving(film_id, free, max(way.began for way in free), Tone.CAME))
    return _arranged(db, found, _latest)


def free(db: Session, at: datetime) -> list[Line]:
    """What can be seen without paying, by title."""
    return _plain(db, shown_films(db, at, col(Offer.access).in_(FREE)))


def library(db: Session, at: datetime) -> list[Line]:
    """What can be seen with a library's card, by title."""
    return _plain(db, shown_films(db, at, col(Offer.access) == Access.LIBRARY))


def decade(first_year: int) -> Callable[[Session, datetime], list[Line]]:
    """The list of the films of ten years that can be seen, by year then title."""

    def make(db: Session, at: datetime) -> list[Line]:
        lines = [Line(film_id, platforms) for film_id, platforms in shown_films(db, at, is_of_decade(first_year)).items()]
        return _arranged(db, lines, lambda line, facts: (facts.year or 0, fold(facts.title)))

    return make


def of_service(platform_id: int) -> Callable[[Session, datetime], ServiceLists]:
    """The lists of one service."""

    def make(db: Session, at: datetime) -> ServiceLists:
        since = at - MONTH
        catalogue: dict[int, tuple[int, ...]] = {}
        entries, exits = [], []
        found = service_ways(db, platform_id, at, since)
        open_now = {way.access for way in found if way.open}
        for film_id, ways in by_film(found).items():
            shown = [way for way in ways if way.open]
            if shown:
                catalogue[film_id] = (platform_id,)
                if (began := min(way.began for way in ways)) > since:
                    entries.append(_moving(film_id, shown, began, Tone.CAME))
            elif all(way.over and way.over <= at for way in ways) and (left := max(map(_over, ways))) > since:
                exits.append(_moving(film_id, ways, left, Tone.LEFT))
        moves = _arranged(db, entries, _latest), _arranged(db, exits, _latest)
        return ServiceLists(_plain(db, catalogue), *moves, [access for access in Access if access in open_now])

    return make


Key = Callable[[Line, Facts], tuple[Any, ...]]


def _latest(line: Line, facts: Facts) -> tuple[Any, ...]:
    return -_ordinal(line), fold(facts.title)


def _plain(db: Session, films: dict[int, tuple[int, ...]]) -> list[Line]:
    lines = [Line(film_id, platforms) for film_id, platforms in films.items()]
    return _arranged(db, lines, lambda line, facts: (fold(facts.title),))


def _arranged(db: Session, lines: list[Line], key: Key) -> list[Line]:
    facts = facts_of(db, dict.fromkeys(line.film_id for line in lines))
    allowed = [line for line in lines if not facts[line.film_id].adult]
    return sorted(allowed, key=lambda line: (*key(line, facts[line.film_id]), line.film_id))


def _moving(film_id: int, ways: list[Way], moment: datetime, tone: Tone) -> Line:
    platforms = tuple(dict.fromkeys(way.platform_id for way in ways))
    return Line(film_id, platforms, moment, tone, tuple((way.platform_id, way.access) for way in ways))


def _over(way: Way) -> datetime:
    assert way.over is not None
    return way.over


def _ordinal(line: Line) -> int:
    return line.day.toordinal() if line.day else 0
