"""Read the state of one day once for every table: who shows what, what became of entries, and the films."""

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

_ACCESS_BITS = {access: 1 << rank for rank, access in enumerate(Access)}
ServiceAccesses = tuple[int, tuple[Access, ...]]
"""A platform id, and the accesses under which it shows a film."""
AccessesByFilm = dict[int, tuple[ServiceAccesses, ...]]
MasksByFilm = dict[int, dict[int, int]]
"""By film id and platform id, a bit mask over the platform's offers of the film."""


class UnlinkedEntry(NamedTuple):
    """Represent an open entry that is linked to no film, and the accesses of its offers."""

    entry_id: int
    platform_id: int
    accesses: tuple[Access, ...]


class _EntryMask(NamedTuple):
    """Represent an open entry, its judgement, and a bit mask over its offers."""

    entry_id: int
    platform_id: int
    film_id: int | None
    verdict: str | None
    mask: int


class _Availability(NamedTuple):
    accesses_by_film: AccessesByFilm
    unlinked_entries: list[UnlinkedEntry]
    entry_counts: EntryCounts


@cache
def _decode_accesses(mask: int) -> tuple[Access, ...]:
    return tuple(access for access, bit in _ACCESS_BITS.items() if mask & bit)


class DaySnapshot:
    """Give tables the state of a moment (UTC), under filters; everything is read from the database at most once.

    `at` is usually `as_of.get_day_end(day)`. Only the services and accesses of the filters are seen.
    """

    def __init__(self, session: Session, at: datetime, filters: Filters | None = None) -> None:
        self.session = session
        self.at = at
        self.filters = filters or Filters()

    def as_of(self, at: datetime) -> "DaySnapshot":
        """Return the snapshot of another moment under the same filters."""
        return DaySnapshot(self.session, at, self.filters)

    @property
    def date(self) -> date:
        """Return the day in Paris."""
        return get_paris_date(self.at)

    @property
    def _is_known_then(self) -> bool:
        return self.filters.knowledge is Knowledge.THEN

    @cached_property
    def platforms(self) -> dict[int, Platform]:
        """Return the platforms counted, by id, in alphabetical order: shown, collected by then, and among the filters."""
        collected = set(self.session.exec(self._select_collected_platforms()))
        slugs = self.filters.services
        return {
            platform_id: platform
            for platform_id, platform in get_shown_platforms(self.session, self.at).items()
            if platform_id in collected and (not slugs or platform.slug in slugs)
        }

    def _select_collected_platforms(self) -> Any:
        stmt = select_rows(Run.platform_id).where(col(Run.state) == RunState.ACCEPTED, col(Run.started_at) <= self.at)
        if self._is_known_then:
            stmt = stmt.where(col(Run.ended_at) <= self.at)
        return stmt.distinct()

    @cached_property
    def late_accepted_runs(self) -> Sequence[Run]:
        """Return the runs begun by the moment that nobody had accepted yet; none for what is known today."""
        return list_late_accepted_runs(self.session, self.at) if self._is_known_then else ()

    def select_offers(self, *columns: Any) -> Select[Any]:
        """Build a query on the open offers whose entry is linked to a film, joined to Entry and the Judgement in force."""
        stmt = select(*columns).select_from(Offer).join(Entry, col(Offer.entry_id) == col(Entry.id))
        return self._join_judgements(stmt).where(*self.get_offer_conditions(), col(Judgement.verdict) == Verdict.SAME)

    def get_offer_conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Return the SQL conditions that an offer was open and has an access of the filters."""
        condition = was_open(self.at, self.late_accepted_runs)
        if not self.filters.accesses:
            return (condition,)
        return (condition, col(Offer.access).in_(self.filters.accesses))

    def group_offers_by_entry(self, mask: ColumnElement[int], *conditions: ColumnElement[bool]) -> Subquery:
        """Build the subquery (entry_id, mask) of an aggregate over each entry's open offers that meet the conditions.

        Offers are grouped by entry before entries are read: there are several times more of them.
        """
        stmt: Any = select(col(Offer.entry_id).label("entry_id"), mask.label("mask"))
        stmt = stmt.where(*self.get_offer_conditions(), *conditions)
        subquery: Subquery = stmt.group_by(col(Offer.entry_id)).subquery()
        return subquery

    def select_entries(self, entry_groups: Subquery, *columns: Any) -> Select[Any]:
        """Build a query on the entries of a subquery that has their `entry_id`, outer joined to the Judgement in force."""
        stmt = select(*columns).select_from(entry_groups).join(Entry, col(Entry.id) == entry_groups.c.entry_id)
        return self._join_judgements(stmt)

    def _join_judgements(self, query: Select[Any]) -> Select[Any]:
        is_judged = (col(Judgement.entry_id) == col(Entry.id)) & is_in_force(self.at, self.filters.knowledge)
        return query.join(Judgement, is_judged, isouter=True).where(col(Entry.platform_id).in_(list(self.platforms)))

    def _iter_entry_masks(self, entry_groups: Subquery) -> Iterator[_EntryMask]:
        stmt = self.select_entries(
            entry_groups,
            col(Entry.id),
            col(Entry.platform_id),
            col(Judgement.film_id),
            type_coerce(col(Judgement.verdict), String),
            entry_groups.c.mask,
        )
        return (_EntryMask(*row) for row in iter_rows(self.session, stmt))

    def get_condition_masks(self, *conditions: ColumnElement[bool]) -> MasksByFilm:
        """Return, by film id and platform id, a mask whose bit of rank i is set when an offer meets the condition of rank i."""
        bits = [func.max(case((condition, 1 << rank), else_=0)) for rank, condition in enumerate(conditions)]
        masks: MasksByFilm = defaultdict(dict)
        for entry in self._iter_entry_masks(self.group_offers_by_entry(sum(bits[1:], bits[0]))):
            if entry.film_id is not None and entry.verdict == Verdict.SAME:
                _add_mask(masks[entry.film_id], entry)
        return dict(masks)

    @cached_property
    def _availability(self) -> _Availability:
        """Read the open entries once: accesses by film, entries linked to no film, and counts by verdict."""
        access_bit = case(*((col(Offer.access) == access, bit) for access, bit in _ACCESS_BITS.items()), else_=0)
        masks: MasksByFilm = defaultdict(dict)
        unlinked: list[UnlinkedEntry] = []
        verdicts = Counter[str | None]()
        for entry in self._iter_entry_masks(self.group_offers_by_entry(func.sum(distinct(access_bit)))):
            verdicts[entry.verdict] += 1
            if entry.film_id is not None and entry.verdict == Verdict.SAME:
                _add_mask(masks[entry.film_id], entry)
            else:
                unlinked.append(UnlinkedEntry(entry.entry_id, entry.platform_id, _decode_accesses(entry.mask)))
        counts = EntryCounts(verdicts[Verdict.SAME], verdicts[Verdict.UNSURE], verdicts[Verdict.NONE] + verdicts[None])
        return _Availability(_decode_masks(masks), unlinked, counts)

    @property
    def accesses_by_film(self) -> AccessesByFilm:
        """Return the available films by id, each with the services that show it and their accesses."""
        return self._availability.accesses_by_film

    @property
    def unlinked_entries(self) -> list[UnlinkedEntry]:
        """Return the open entries linked to no film."""
        return self._availability.unlinked_entries

    @property
    def entry_counts(self) -> EntryCounts:
        """Return how many open entries are linked, doubtful and linked to none."""
        return self._availability.entry_counts

    @cached_property
    def film_counts_by_services(self) -> Counter[tuple[int, ...]]:
        """Count the films shown by exactly these platforms; the key is their ids, in order."""
        counts = Counter[tuple[int, ...]]()
        for services in self.accesses_by_film.values():
            platform_ids = sorted(platform_id for platform_id, _ in services)
            counts[tuple(platform_ids)] += 1
        return counts

    def iter_films(self) -> Iterator[FilmFacts]:
        """Yield every film of the reference base with its facts of the day."""
        return iter_film_facts(self.session, self.filters, self.film_revisions, self.at)

    @cached_property
    def film_revisions(self) -> FilmRevisions:
        """Return what was known that day of the films that changed since, by id; nothing for what is known today."""
        return get_film_revisions(self.session, self.at) if self._is_known_then else {}

    @cached_property
    def film_count(self) -> int:
        """Count the films of the reference base on the day."""
        condition = is_canonical()
        if self.film_revisions:
            condition = and_(condition, not_(has_changed_since(self.at)))
        unchanged = self.session.execute(select(func.count()).select_from(Film).where(condition)).scalar_one()
        return int(unchanged) + sum(map(was_canonical, self.film_revisions.values()))

    def iter_available_films(self) -> Iterator[FilmFacts]:
        """Yield the available films with their facts of the day."""
        return (film for film in self.iter_films() if film.id in self.accesses_by_film)


def _add_mask(masks_by_platform: dict[int, int], entry: _EntryMask) -> None:
    """Add an entry's mask to those of its platform for the same film."""
    masks_by_platform[entry.platform_id] = masks_by_platform.get(entry.platform_id, 0) | entry.mask


def _decode_masks(masks_by_film: Mapping[int, Mapping[int, int]]) -> AccessesByFilm:
    """Decode masks into accesses; films shown alike share one tuple, which saves memory."""
    accesses_by_film: AccessesByFilm = {}
    shared: dict[tuple[ServiceAccesses, ...], tuple[ServiceAccesses, ...]] = {}
    for film_id, masks in masks_by_film.items():
        services = tuple((platform_id, _decode_accesses(mask)) for platform_id, mask in sorted(masks.items()))
        accesses_by_film[film_id] = shared.setdefault(services, services)
    return accesses_by_film
