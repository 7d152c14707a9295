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
from domain.common.paris_time import get_paris_date
from domain.coverage.as_of import get_shown_platforms, is_in_force, list_late_accepted_runs, was_open
from domain.coverage.film_classes import (
    FilmFacts,
    FilmRevisions,
    get_film_revisions,
    has_changed_since,
    iter_film_facts,
    iter_rows,
    was_canonical,
)
from domain.coverage.schema import EntryCounts, Filters, Knowledge
from domain.linking.redirects import is_canonical
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run

_ACCESS_BITS = {access: 1 << place for place, access in enumerate(Access)}
ServiceAccesses = tuple[int, tuple[Access, ...]]
"""A service, and the accesses under which it shows a film."""


class UnlinkedEntry(NamedTuple):
    """A line of a service that is linked to no film, and its accesses."""

    entry_id: int
    platform_id: int
    accesses: tuple[Access, ...]


class _Availability(NamedTuple):
    accesses_by_film: dict[int, tuple[ServiceAccesses, ...]]
    unlinked_entries: list[UnlinkedEntry]
    entry_counts: EntryCounts


@cache
def _decode_accesses(mask: int) -> tuple[Access, ...]:
    return tuple(access for access, place in _ACCESS_BITS.items() if mask & place)


class DaySnapshot:
    """What tables are counted from, as of a moment (UTC); everything is read at most once.

    `at` is usually `standing.end_of(day)`. Only services and accesses of the filters are seen.
    """

    def __init__(self, session: Session, at: datetime, filters: Filters | None = None) -> None:
        self.session, self.at, self.filters = session, at, filters or Filters()

    def as_of(self, at: datetime) -> "DaySnapshot":
        """Another moment under the same filters."""
        return DaySnapshot(self.session, at, self.filters)

    @property
    def date(self) -> date:
        """The day in Paris."""
        return get_paris_date(self.at)

    @cached_property
    def platforms(self) -> dict[int, Platform]:
        """The services counted, by number, in alphabetical order: those shown, collected by then, and asked for."""
        asked = self.filters.services
        collected = set(self.session.exec(self._select_collected_platforms()))
        shown = get_shown_platforms(self.session, self.at)
        return {number: one for number, one in shown.items() if number in collected and (not asked or one.slug in asked)}

    def _select_collected_platforms(self) -> Any:
        begun = select_rows(Run.platform_id).where(col(Run.state) == RunState.ACCEPTED, col(Run.started_at) <= self.at)
        return begun.where(col(Run.ended_at) <= self.at).distinct() if self.filters.known is Knowledge.THEN else begun.distinct()

    @cached_property
    def late_accepted_runs(self) -> Sequence[Run]:
        """The runs that nobody had accepted yet at the moment, though they had begun; none for what is known today."""
        return list_late_accepted_runs(self.session, self.at) if self.filters.known is Knowledge.THEN else ()

    def select_offers(self, *columns: Any) -> Select[Any]:
        """A query on every offer that stood of a line linked to a film, with its line and the judgement."""
        asked = select(*columns).select_from(Offer).join(Entry, col(Offer.entry_id) == col(Entry.id))
        return self._join_judgements(asked).where(*self.get_offer_conditions(), col(Judgement.verdict) == Verdict.SAME)

    def get_offer_conditions(self) -> tuple[ColumnElement[bool], ...]:
        """What tells an offer that stood, as SQL conditions on Offer."""
        stands = was_open(self.at, self.late_accepted_runs)
        return (stands, col(Offer.access).in_(self.filters.accesses)) if self.filters.accesses else (stands,)

    def group_offers_by_entry(self, mask: ColumnElement[int], *only: ColumnElement[bool]) -> Subquery:
        """By `line`, what `marks` is over its offers that stood and meet the conditions.

        Offers are gathered by line before lines are looked at: there are several times more of them.
        """
        asked: Any = select(col(Offer.entry_id).label("line"), mask.label("marks")).where(*self.get_offer_conditions(), *only)
        gathered: Subquery = asked.group_by(col(Offer.entry_id)).subquery()
        return gathered

    def select_entries(self, entry_groups: Subquery, *columns: Any) -> Select[Any]:
        """A query on the lines of a subquery that names them by `line`, with the line's judgement where there is one."""
        return self._join_judgements(select(*columns).select_from(entry_groups).join(Entry, col(Entry.id) == entry_groups.c.line))

    def _join_judgements(self, query: Select[Any]) -> Select[Any]:
        judged = (col(Judgement.entry_id) == col(Entry.id)) & is_in_force(self.at, self.filters.known)
        return query.join(Judgement, judged, isouter=True).where(col(Entry.platform_id).in_(list(self.platforms)))

    def _iter_entry_masks(self, entry_groups: Subquery) -> Iterator[tuple[int, int, int | None, str | None, int]]:
        """Each line: its number, service, film, verdict and marks."""
        told = (col(Judgement.film_id), type_coerce(col(Judgement.verdict), String), entry_groups.c.marks)
        return iter_rows(self.session, self.select_entries(entry_groups, col(Entry.id), col(Entry.platform_id), *told))

    def get_condition_masks(self, *conditions: ColumnElement[bool]) -> dict[int, dict[int, int]]:
        """By film and service, a number whose bit of rank i says whether some offer meets the condition of rank i."""
        met = [func.max(case((condition, 1 << place), else_=0)) for place, condition in enumerate(conditions)]
        found = defaultdict[int, dict[int, int]](dict)
        for _, platform, film, verdict, marks in self._iter_entry_masks(self.group_offers_by_entry(sum(met[1:], met[0]))):
            if film is not None and verdict == Verdict.SAME:
                found[film][platform] = found[film].get(platform, 0) | marks
        return dict(found)

    @cached_property
    def _availability(self) -> _Availability:
        placed = case(*((col(Offer.access) == access, place) for access, place in _ACCESS_BITS.items()), else_=0)
        found, loose, verdicts = defaultdict[int, dict[int, int]](dict), list[UnlinkedEntry](), Counter[str | None]()
        for entry, platform, film, verdict, marks in self._iter_entry_masks(
            self.group_offers_by_entry(func.sum(distinct(placed)))
        ):
            verdicts[verdict] += 1
            if film is not None and verdict == Verdict.SAME:
                found[film][platform] = found[film].get(platform, 0) | marks
            else:
                loose.append(UnlinkedEntry(entry, platform, _decode_accesses(marks)))
        told = EntryCounts(verdicts[Verdict.SAME], verdicts[Verdict.UNSURE], verdicts[Verdict.NONE] + verdicts[None])
        return _Availability(_share_accesses(found), loose, told)

    @property
    def accesses_by_film(self) -> dict[int, tuple[ServiceAccesses, ...]]:
        """The films available, each with the services that show it and their accesses."""
        return self._availability.accesses_by_film

    @property
    def unlinked_entries(self) -> list[UnlinkedEntry]:
        """The lines linked to no film."""
        return self._availability.unlinked_entries

    @property
    def entry_counts(self) -> EntryCounts:
        """What the lines that stood had become."""
        return self._availability.entry_counts

    @cached_property
    def film_counts_by_services(self) -> Counter[tuple[int, ...]]:
        """How many films are shown by these services and no other, in the order of their numbers."""
        return Counter(tuple(sorted(platform for platform, _ in ways)) for ways in self.accesses_by_film.values())

    def iter_films(self) -> Iterator[FilmFacts]:
        """Every film of the base, with its facts of the day."""
        return iter_film_facts(self.session, self.filters, self.film_revisions, self.at)

    @cached_property
    def film_revisions(self) -> FilmRevisions:
        """What the base said that day of films that it tells otherwise since; nothing for what is known today."""
        return get_film_revisions(self.session, self.at) if self.filters.known is Knowledge.THEN else {}

    @cached_property
    def film_count(self) -> int:
        """How many films the base has."""
        alone = and_(is_canonical(), not_(has_changed_since(self.at))) if self.film_revisions else is_canonical()
        unchanged = self.session.execute(select(func.count()).select_from(Film).where(alone)).scalar_one()
        return int(unchanged) + sum(map(was_canonical, self.film_revisions.values()))

    def iter_available_films(self) -> Iterator[FilmFacts]:
        """The films available, with their facts of the day."""
        return (film for film in self.iter_films() if film.id in self.accesses_by_film)


def _share_accesses(masks_by_film: Mapping[int, Mapping[int, int]]) -> dict[int, tuple[ServiceAccesses, ...]]:
    """The same, in little memory: films shown alike share what says so."""
    ways, alike = dict[int, tuple[ServiceAccesses, ...]](), dict[tuple[ServiceAccesses, ...], tuple[ServiceAccesses, ...]]()
    for film, platforms in masks_by_film.items():
        told = tuple((platform, _decode_accesses(marks)) for platform, marks in sorted(platforms.items()))
        ways[film] = alike.setdefault(told, told)
    return ways
