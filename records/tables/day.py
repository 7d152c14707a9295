"""One day's base, read once for every table: who shows what, what lines became, and the films."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Select, String, select, type_coerce
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from records.catalogue import Entry, Offer, Platform, Run
from records.hours import day_in_paris
from records.links import Judgement
from records.tables.base import FilmFacts, read_films
from records.tables.shape import Filters, Known, Lines
from records.tables.standing import in_force, late_runs, shown_on, stood
from records.vocabulary import Access, RunState, Verdict

_ACCESSES = {access.value: access for access in Access}


class Presence(NamedTuple):
    """A film on a service under one access."""

    film: int
    platform: int
    access: Access


class Loose(NamedTuple):
    """A line of a service under one access that is linked to no film."""

    entry: int
    platform: int
    access: Access


class _Standing(NamedTuple):
    presences: set[Presence]
    loose: set[Loose]
    lines: Lines


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

    def lines_of(self, *columns: Any) -> Select[Any]:
        """A query on every offer that stood, with its line, and the line's judgement where there is one."""
        judged = (col(Judgement.entry_id) == col(Entry.id)) & in_force(self.at, self.filters.known)
        asked = select(*columns).select_from(Offer).join(Entry, col(Offer.entry_id) == col(Entry.id))
        asked = asked.join(Judgement, judged, isouter=True).where(stood(self.at, self.late))
        asked = asked.where(col(Entry.platform_id).in_(list(self.platforms)))
        return asked.where(col(Offer.access).in_(self.filters.accesses)) if self.filters.accesses else asked

    def offers(self, *columns: Any) -> Select[Any]:
        """A query on every offer that stood of a line linked to a film."""
        return self.lines_of(*columns).where(col(Judgement.verdict) == Verdict.SAME)

    @cached_property
    def _standing(self) -> _Standing:
        columns = (col(Entry.id), col(Entry.platform_id), type_coerce(col(Offer.access), String), col(Judgement.film_id))
        asked = self.lines_of(*columns, type_coerce(col(Judgement.verdict), String))
        presences, loose, linked, doubtful = set[Presence](), set[Loose](), set[int](), set[int]()
        for entry, platform, access, film, verdict in self.session.execute(asked.execution_options(yield_per=10_000)):
            if verdict == Verdict.SAME:
                linked.add(entry)
                presences.add(Presence(film, platform, _ACCESSES[access]))
                continue
            loose.add(Loose(entry, platform, _ACCESSES[access]))
            if verdict == Verdict.UNSURE:
                doubtful.add(entry)
        unlinked = len({one.entry for one in loose}) - len(doubtful)
        return _Standing(presences, loose, Lines(len(linked), len(doubtful), unlinked))

    @property
    def presences(self) -> set[Presence]:
        """Who showed what: each film, service and access once."""
        return self._standing.presences

    @property
    def loose(self) -> set[Loose]:
        """The lines linked to no film."""
        return self._standing.loose

    @property
    def lines(self) -> Lines:
        """What the lines that stood had become."""
        return self._standing.lines

    @cached_property
    def services_of(self) -> dict[int, set[int]]:
        """The services of each film that is available."""
        found = defaultdict[int, set[int]](set)
        for film, platform, _ in self.presences:
            found[film].add(platform)
        return dict(found)

    def films(self) -> Iterator[FilmFacts]:
        """Every film of the base, with its facts of today."""
        return read_films(self.session, self.filters.country)

    def shown_films(self) -> Iterator[FilmFacts]:
        """The films available, with their facts of today."""
        return (film for film in self.films() if film.id in self.services_of)
