"""Tell what accepting a run would change in the live catalogue, or what an accepted run changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from domain.common.enums import Access, CloseReason, RunState
from domain.models.columns import get_id
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Observation, Run
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.run_plan import EntryPlan, RunPlanner, SeenPeriod

MAX_SAMPLES = 20
_FACTS = ("title", "original_title", "year", "directors", "runtime_min", "countries", "kind", "ids")


@dataclass(frozen=True, slots=True)
class ChangeSample:
    """Represent a title or one of its offers: prices in cents before and after, and the names of the facts that changed."""

    ref: str
    title: str
    access: Access | None = None
    before: int | None = None
    after: int | None = None
    currency: str = "EUR"
    facts: tuple[str, ...] = ()


@dataclass(slots=True)
class ChangeTally:
    """Count changes of one sort and hold the first of them."""

    count: int = 0
    first: list[ChangeSample] = field(default_factory=list)

    def is_full(self) -> bool:
        """Tell whether no more samples are held."""
        return len(self.first) >= MAX_SAMPLES

    def add_sample(self, sample: ChangeSample) -> None:
        """Count one more change."""
        self.count += 1
        if not self.is_full():
            self.first.append(sample)


@dataclass(slots=True)
class RunDifferences:
    """Count the titles and offers that a run adds, takes away or changes.

    A price that changes also closes an offer and opens another. `changed` is None for an accepted run, whose former titles are no
    longer stored. `retained` counts the offers that the run did not see and that stay open all the same.
    """

    added: ChangeTally = field(default_factory=ChangeTally)
    gone: ChangeTally = field(default_factory=ChangeTally)
    changed: ChangeTally | None = None
    opened: ChangeTally = field(default_factory=ChangeTally)
    closed: ChangeTally = field(default_factory=ChangeTally)
    repriced: ChangeTally = field(default_factory=ChangeTally)
    retained: int = 0


def compute_run_differences(session: Session, run: Run) -> RunDifferences | None:
    """Compute what accepting the run would change, or what it changed; None for an open run or one without observations."""
    if run.state is RunState.ACCEPTED:
        return _read_applied_differences(session, run)
    observations = select(Observation.id).where(Observation.run_id == run.id).limit(1)
    if run.state is RunState.OPEN or session.exec(observations).first() is None:
        return None
    return _RunComparison(session, run).compute()


class _RunComparison:
    """Count what the plan of a run that is not accepted would change; nothing is written."""

    def __init__(self, session: Session, run: Run) -> None:
        self._session = session
        self._run = run
        self._current_run_id = session.get_one(Platform, run.platform_id).current_run_id
        self._planner = RunPlanner(session, run)
        self._differences = RunDifferences()
        self._changed = ChangeTally()
        self._seen_count = 0

    def compute(self) -> RunDifferences:
        """Compute all the differences."""
        for plans in self._planner.iter_batches():
            for plan in plans:
                self._count_entry(plan)
        self._count_closings()
        self._differences.gone = self._tally_gone_titles()
        self._differences.changed = self._changed
        return self._differences

    def _count_entry(self, plan: EntryPlan) -> None:
        observation = plan.observation
        if plan.stored is None or plan.stored.last_run_id != self._current_run_id:
            self._differences.added.add_sample(ChangeSample(observation.ref, observation.title))
        if plan.stored is not None and plan.stored.content_hash != observation.compute_content_hash():
            facts = () if self._changed.is_full() else self._list_changed_facts(plan.stored.id, observation)
            self._changed.add_sample(ChangeSample(observation.ref, observation.title, currency="", facts=facts))
        self._seen_count += len(plan.continued) + len(plan.replaced)
        for seen in plan.replaced:
            self._count_replaced_period(observation, seen)
        for offer in plan.opened:
            self._differences.opened.add_sample(_build_sample(observation, offer, None, offer.price_cents, offer.currency))

    def _count_replaced_period(self, observation: ObservedEntry, seen: SeenPeriod) -> None:
        period, offer = seen
        closed = _build_sample(observation, offer, period.price_cents, None, period.currency)
        self._differences.closed.add_sample(closed)
        if (period.price_cents, period.currency) != (offer.price_cents, offer.currency):
            repriced = _build_sample(observation, offer, period.price_cents, offer.price_cents, offer.currency)
            self._differences.repriced.add_sample(repriced)

    def _list_changed_facts(self, entry_id: int, observation: ObservedEntry) -> tuple[str, ...]:
        entry = self._session.get_one(Entry, entry_id)
        observed = observation.model_dump(include=set(_FACTS))
        return tuple(name for name in _FACTS if _to_list(getattr(entry, name)) != _to_list(observed[name]))

    def _count_closings(self) -> None:
        """Count the offers that the run did not see: those that close, and those that stay open."""
        closings = sorted(self._planner.get_closings())
        closed = self._differences.closed
        closed.count += len(closings)
        closed.first += _sample_offers(self._session, closings[: MAX_SAMPLES - len(closed.first)])
        self._differences.retained = self._count_open_offers() - self._seen_count - len(closings)

    def _count_open_offers(self) -> int:
        query = select(func.count()).select_from(Offer).join(Entry)
        query = query.where(col(Entry.platform_id) == self._run.platform_id, col(Offer.closed_at).is_(None))
        return self._session.exec(query).one()

    def _tally_gone_titles(self) -> ChangeTally:
        is_seen = select(Observation.id).where(Observation.run_id == self._run.id, Observation.ref == Entry.ref).exists()
        query = select(Entry.id).where(Entry.platform_id == self._run.platform_id, ~is_seen)
        query = query.where(Entry.last_run_id == self._current_run_id)
        unread = self._planner.unread_entry_ids
        gone_ids = [entry_id for entry_id in self._session.exec(query) if entry_id not in unread]
        samples = _tally_titles(self._session, col(Entry.id).in_(gone_ids[:MAX_SAMPLES])).first
        return ChangeTally(len(gone_ids), samples)


def _build_sample(
    observation: ObservedEntry, offer: ObservedOffer, before: int | None, after: int | None, currency: str
) -> ChangeSample:
    return ChangeSample(observation.ref, observation.title, offer.access, before, after, currency)


def _to_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tally_titles(session: Session, *conditions: ColumnElement[bool]) -> ChangeTally:
    count = session.exec(select(func.count()).select_from(Entry).where(*conditions)).one()
    query = select(Entry.ref, Entry.title).where(*conditions).order_by(col(Entry.id)).limit(MAX_SAMPLES)
    return ChangeTally(count, [ChangeSample(ref, title) for ref, title in session.exec(query)])


def _sample_offers(session: Session, offer_ids: Iterable[int]) -> list[ChangeSample]:
    query = select(Offer, Entry).join(Entry).where(col(Offer.id).in_(list(offer_ids)))
    return _read_samples(session, query, closed=True)


def _read_samples(session: Session, query: Select[Offer, Entry], closed: bool) -> list[ChangeSample]:
    """Read the first offers of a query as samples, their price before when they are closed, after when they are opened."""
    samples = []
    for offer, entry in session.execute(query.order_by(col(Offer.id)).limit(MAX_SAMPLES)):
        before, after = (offer.price_cents, None) if closed else (None, offer.price_cents)
        samples.append(ChangeSample(entry.ref, entry.title, offer.access, before, after, offer.currency))
    return samples


def _read_applied_differences(session: Session, run: Run) -> RunDifferences:
    """Read what an accepted run changed from what it left: titles first or last seen, and periods opened and closed."""
    is_own = col(Entry.platform_id) == run.platform_id
    differences = RunDifferences(added=_tally_titles(session, is_own, col(Entry.first_run_id) == run.id))
    differences.gone = _tally_titles(session, is_own, col(Entry.last_run_id) == _get_previous_accepted_id(session, run))
    differences.opened = _tally_periods(session, is_own & (col(Offer.first_run_id) == run.id), closed=False)
    differences.closed = _tally_periods(session, is_own & (col(Offer.closed_at) == run.started_at), closed=True)
    differences.repriced = _tally_repriced(session, run)
    return differences


def _get_previous_accepted_id(session: Session, run: Run) -> int | None:
    query = select(func.max(Run.id)).where(Run.platform_id == run.platform_id, Run.state == RunState.ACCEPTED)
    return session.exec(query.where(col(Run.id) < get_id(run))).one()


def _tally_periods(session: Session, condition: ColumnElement[bool], closed: bool) -> ChangeTally:
    count = session.exec(select(func.count()).select_from(Offer).join(Entry).where(condition)).one()
    return ChangeTally(count, _read_samples(session, select(Offer, Entry).join(Entry).where(condition), closed))


def _tally_repriced(session: Session, run: Run) -> ChangeTally:
    """Count the offers whose price in the run differs from that of the period that the run closed."""
    old = aliased(Offer)
    is_same_offer = (col(old.entry_id) == col(Offer.entry_id)) & (col(old.identity) == col(Offer.identity))
    is_repriced = col(old.price_cents).is_distinct_from(col(Offer.price_cents)) | (col(old.currency) != col(Offer.currency))
    is_replaced = (col(old.closed_at) == run.started_at) & (col(old.closed_why) == CloseReason.TERMS_CHANGED)
    columns: tuple[Any, ...] = (Entry.ref, Entry.title, Offer.access, old.price_cents, Offer.price_cents, Offer.currency)
    query = select(*map(col, columns)).select_from(Offer).join(old, is_same_offer)
    query = query.join(Entry, col(Entry.id) == col(Offer.entry_id)).where(Offer.first_run_id == run.id, is_replaced, is_repriced)
    count = session.exec(select(func.count()).select_from(query.subquery())).one()
    rows = session.exec(query.order_by(col(Offer.id)).limit(MAX_SAMPLES))
    return ChangeTally(count, [ChangeSample(*row) for row in rows])
