"""One day's base, read once for every table: who shows what, what lines became, and the films."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, Subquery, and_, case, distinct, func, not_, select, type_coerce
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from domain.common.enums import Access, RunState, Verdict
from domain.common.paris_time import day_in_paris
from domain.coverage.as_of import in_force, late_runs, shown_on, stood
from domain.coverage.film_classes import FilmFacts, Past, changed_since, read_films, read_past, rows_of, was_standing
from domain.coverage.schema import Filters, Known, Lines
from domain.linking.redirects import is_standing
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run

_PLACES = {access: 1 << place for place, access in enumerate(Access)}
Way = tuple[int, tuple[Access, ...]]
"""A service, and the accesses under which it shows a film."""


class Loose(NamedTuple):
    """A line of a service that is linked to no film, and its accesses."""

    entry: int
    platform: int
    accesses: tuple[Access, ...]


class _Standing(NamedTuple):
    films: dict[int, tuple[Way, ...]]
    loose: list[Loose]
    lines: Lines


@cache
def _accesses(marks: int) -> tuple[Access, ...]:
    return tuple(access for access, place in _PLACES.items() if marks & place)


class Day:
    """What tables are counted from, as of a moment (UTC); everything is read at most once.

    `at` is usually `standing.end_of(day)`. Only services and accesses of the filters are seen.
    """

    def __init__(self, session: Session, at: datetime, filters: Filters | None = None) -> None:
        self.session, self.at, self.filters = session, at, filters or Filters()

    def other(self, at: datetime) -> "Day":
        """Another moment under the same filters."""
        return Day(self.session, at, self.filters)

    @property
    def date(self) -> date:
        """The day in Paris."""
        return day_in_paris(self.at)

    @cached_property
    def platforms(self) -> dict[int, Platform]:
        """The services counted, by number, in alphabetical order: those shown, collected by then, and asked for."""
        asked = self.filters.services
        collected = set(self.session.exec(self._accepted()))
        shown = shown_on(self.session, self.at)
        return {number: one for number, one in shown.items() if number in collected and (not asked or one.slug in asked)}

    def _accepted(self) -> Any:
        begun = select_rows(Run.platform_id).where(col(Run.state) == RunState.ACCEPTED, col(Run.started) <= self.at)
        return begun.where(col(Run.ended) <= self.at).distinct() if self.filters.known is Known.THEN else begun.distinct()

    @cached_property
    def late(self) -> Sequence[Run]:
        """The runs that nobody had accepted yet at the moment, though they had begun; none for what is known today."""
        return late_runs(self.session, self.at) if self.filters.known is Known.THEN else ()

    def offers(self, *columns: Any) -> Select[Any]:
        """A query on every offer that stood of a line linked to a film, with its line and the judgement."""
        asked = select(*columns).select_from(Offer).join(Entry, col(Offer.entry_id) == col(Entry.id))
        return self._judged(asked).where(*self.stood(), col(Judgement.verdict) == Verdict.SAME)

    def stood(self) -> tuple[ColumnElement[bool], ...]:
        """What tells an offer that stood, as SQL conditions on Offer."""
        stands = stood(self.at, self.late)
        return (stands, col(Offer.access).in_(self.filters.accesses)) if self.filters.accesses else (stands,)

    def seen(self, marks: ColumnElement[int], *only: ColumnElement[bool]) -> Subquery:
        """By `line`, what `marks` is over its offers that stood and meet the conditions.

        Offers are gathered by line before lines are looked at: there are several times more of them.
        """
        asked: Any = select(col(Offer.entry_id).label("line"), marks.label("marks")).where(*self.stood(), *only)
        gathered: Subquery = asked.group_by(col(Offer.entry_id)).subquery()
        return gathered

    def lines_of(self, seen: Subquery, *columns: Any) -> Select[Any]:
        """A query on the lines of a subquery that names them by `line`, with the line's judgement where there is one."""
        return self._judged(select(*columns).select_from(seen).join(Entry, col(Entry.id) == seen.c.line))

    def _judged(self, asked: Select[Any]) -> Select[Any]:
        judged = (col(Judgement.entry_id) == col(Entry.id)) & in_force(self.at, self.filters.known)
        return asked.join(Judgement, judged, isouter=True).where(col(Entry.platform_id).in_(list(self.platforms)))

    def _marked(self, seen: Subquery) -> Iterator[tuple[int, int, int | None, str | None, int]]:
        """Each line: its number, service, film, verdict and marks."""
        told = (col(Judgement.film_id), type_coerce(col(Judgement.verdict), String), seen.c.marks)
        return rows_of(self.session, self.lines_of(seen, col(Entry.id), col(Entry.platform_id), *told))

    def traits(self, *conditions: ColumnElement[bool]) -> dict[int, dict[int, int]]:
        """By film and service, a number whose bit of rank i says whether some offer meets the condition of rank i."""
        met = [func.max(case((condition, 1 << place), else_=0)) for place, condition in enumerate(conditions)]
        found = defaultdict[int, dict[int, int]](dict)
        for _, platform, film, verdict, marks in self._marked(self.seen(sum(met[1:], met[0]))):
            if film is not None and verdict == Verdict.SAME:
                found[film][platform] = found[film].get(platform, 0) | marks
        return dict(found)

    @cached_property
    def _standing(self) -> _Standing:
        placed = case(*((col(Offer.access) == access, place) for access, place in _PLACES.items()), else_=0)
        found, loose, verdicts = defaultdict[int, dict[int, int]](dict), list[Loose](), Counter[str | None]()
        for entry, platform, film, verdict, marks in self._marked(self.seen(func.sum(distinct(placed)))):
            verdicts[verdict] += 1
            if film is not None and verdict == Verdict.SAME:
                found[film][platform] = found[film].get(platform, 0) | marks
            else:
                loose.append(Loose(entry, platform, _accesses(marks)))
        told = Lines(verdicts[Verdict.SAME], verdicts[Verdict.UNSURE], verdicts[Verdict.NONE] + verdicts[None])
        return _Standing(_ways(found), loose, told)

    @property
    def ways(self) -> dict[int, tuple[Way, ...]]:
        """The films available, each with the services that show it and their accesses."""
        return self._standing.films

    @property
    def loose(self) -> list[Loose]:
        """The lines linked to no film."""
        return self._standing.loose

    @property
    def lines(self) -> Lines:
        """What the lines that stood had become."""
        return self._standing.lines

    @cached_property
    def services(self) -> Counter[tuple[int, ...]]:
        """How many films are shown by these services and no other, in the order of their numbers."""
        return Counter(tuple(sorted(platform for platform, _ in ways)) for ways in self.ways.values())

    def films(self) -> Iterator[FilmFacts]:
        """Every film of the base, with its facts of the day."""
        return read_films(self.session, self.filters, self.past, self.at)

    @cached_property
    def past(self) -> Past:
        """What the base said that day of films that it tells otherwise since; nothing for what is known today."""
        return read_past(self.session, self.at) if self.filters.known is Known.THEN else {}

    @cached_property
    def base(self) -> int:
        """How many films the base has."""
        alone = and_(is_standing(), not_(changed_since(self.at))) if self.past else is_standing()
        unchanged = self.session.execute(select(func.count()).select_from(Film).where(alone)).scalar_one()
        return int(unchanged) + sum(map(was_standing, self.past.values()))

    def shown_films(self) -> Iterator[FilmFacts]:
        """The films available, with their facts of the day."""
        return (film for film in self.films() if film.id in self.ways)


def _ways(found: Mapping[int, Mapping[int, int]]) -> dict[int, tuple[Way, ...]]:
    """The same, in little memory: films shown alike share what says so."""
    ways, alike = dict[int, tuple[Way, ...]](), dict[tuple[Way, ...], tuple[Way, ...]]()
    for film, platforms in found.items():
        told = tuple((platform, _accesses(marks)) for platform, marks in sorted(platforms.items()))
        ways[film] = alike.setdefault(told, told)
    return ways
