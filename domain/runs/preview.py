"""What a run changes: what accepting it would do to the live catalogue, or what it did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from domain.common.enums import Access, CloseReason, Outcome, RunState
from domain.common.links import pick_allowed_url
from domain.models.delivery import Delivery
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Observation, Run
from domain.runs.observation import OFFER_TERMS, ObservedEntry, ObservedOffer
from domain.runs.offer_periods import get_hidden_links
from domain.runs.page_reads import list_unread_entry_ids
from domain.runs.runs import get_previous_complete_run, iter_observation_batches

MAX_SAMPLES = 20
_FACTS = ("title", "original_title", "year", "directors", "runtime_min", "countries", "kind", "ids")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ChangeSample:
    """A title, or one of its offers: prices in cents before and after, and the facts that changed, by name."""

    ref: str
    title: str
    access: Access | None = None
    before: int | None = None
    after: int | None = None
    currency: str = "EUR"
    facts: tuple[str, ...] = ()


@dataclass(slots=True)
class ChangeTally:
    """How many there are, and the first of them."""

    number: int = 0
    first: list[ChangeSample] = field(default_factory=list)

    def add_sample(self, *sample: Any) -> None:
        """Counts one more."""
        self.number += 1
        if len(self.first) < MAX_SAMPLES:
            self.first.append(ChangeSample(*sample))


@dataclass(slots=True)
class RunDifferences:
    """Titles and offers that a run adds, takes away or changes.

    A price that changes also closes an offer and opens another. `changed` is None once nobody can tell; `kept` counts the
    offers that the run did not see and that stay all the same.
    """

    added: ChangeTally = field(default_factory=ChangeTally)
    gone: ChangeTally = field(default_factory=ChangeTally)
    changed: ChangeTally | None = None
    opened: ChangeTally = field(default_factory=ChangeTally)
    closed: ChangeTally = field(default_factory=ChangeTally)
    repriced: ChangeTally = field(default_factory=ChangeTally)
    retained: int = 0


def compute_run_differences(session: Session, run: Run) -> RunDifferences | None:
    """What accepting the run would change, or what it changed; None while it lasts, or when its lines are gone."""
    if run.state is RunState.ACCEPTED:
        return _read_applied_differences(session, run)
    held = select(Observation.id).where(Observation.run_id == run.id).limit(1)
    if run.state is RunState.OPEN or session.exec(held).first() is None:
        return None
    return _RunComparison(session, run).compute()


class _RunComparison:
    """A run that waits, held against the live catalogue a batch of lines at a time; nothing is written."""

    def __init__(self, session: Session, run: Run) -> None:
        self.session, self.run = session, run
        self.current = session.get_one(Platform, run.platform_id).current_run_id
        self.found = RunDifferences(changed=ChangeTally())
        self.ours = (col(Entry.platform_id) == run.platform_id, col(Offer.closed_at).is_(None))
        self.spared = list_unread_entry_ids(session, run)
        self.hosts, self.hidden = get_hidden_links(session, run)
        self.unseen = self._count_open_offers()
        self.closing = self._list_closing_offers()

    def compute(self) -> RunDifferences:
        """All the differences."""
        for lines in iter_observation_batches(self.session, self.run.id or 0):
            self._compare_lines(lines)
        self._count_gone_titles()
        for sample in _sample_offers(self.session, sorted(self.closing)[:MAX_SAMPLES]):
            self.found.closed.first.append(sample)
        self.found.closed.number += len(self.closing)
        self.found.closed.first = self.found.closed.first[:MAX_SAMPLES]
        self.found.retained = self.unseen - len(self.closing)
        return self.found

    def _count_open_offers(self) -> int:
        return self.session.exec(select(func.count()).select_from(Offer).join(Entry).where(*self.ours)).one()

    def _list_closing_offers(self) -> set[int]:
        """The offers that close unless the run saw them: already absent from the complete run before, or withdrawn."""
        asked, found = select(Offer.id).join(Entry).where(*self.ours), set[int | None]()
        previous = get_previous_complete_run(self.session, self.run)
        if self.run.outcome is Outcome.COMPLETE and previous is not None:
            old = select(Offer.id, Offer.entry_id).join(Entry).where(*self.ours, col(Offer.last_run_id) < previous.id)
            found |= {number for number, entry in self.session.exec(old) if entry not in self.spared}
        told_whole = self.session.exec(select(Delivery.complete_refs).where(Delivery.run_id == self.run.id)).first() or []
        for start in range(0, len(told_whole), _BATCH):
            found |= set(self.session.exec(asked.where(col(Entry.ref).in_(told_whole[start : start + _BATCH]))))
        return {number for number in found if number is not None}

    def _compare_lines(self, lines: Sequence[ObservedEntry]) -> None:
        asked = select(Entry.ref, Entry.id, Entry.content_hash, Entry.last_run_id)
        asked = asked.where(Entry.platform_id == self.run.platform_id, col(Entry.ref).in_([line.ref for line in lines]))
        known = {ref: (number, digest, last) for ref, number, digest, last in self.session.exec(asked)}
        periods = self._load_open_periods([number for number, _, _ in known.values() if number])
        for line in lines:
            number, digest, last = known.get(line.ref, (None, None, None))
            if number is None or last != self.current:
                self.found.added.add_sample(line.ref, line.title)
            if number is not None and digest != line.compute_content_hash() and self.found.changed is not None:
                full = len(self.found.changed.first) >= MAX_SAMPLES
                self.found.changed.add_sample(
                    line.ref, line.title, None, None, None, "", () if full else self._list_changed_facts(number, line)
                )
            for offer in {offer.identity: offer for offer in reversed(line.offers)}.values():
                self._compare_offer(line, offer, periods.get((number, offer.identity)))

    def _load_open_periods(self, entries: list[int]) -> dict[tuple[int | None, str], Any]:
        columns = (Offer.id, Offer.entry_id, Offer.identity, *(getattr(Offer, term) for term in OFFER_TERMS))
        asked = select(*map(col, columns)).where(col(Offer.entry_id).in_(entries), col(Offer.closed_at).is_(None))
        return {(period.entry_id, period.identity): period for period in self.session.execute(asked)}

    def _compare_offer(self, line: ObservedEntry, offer: ObservedOffer, period: Any) -> None:
        if period is None and self.hidden and pick_allowed_url((offer.url, line.url), self.hosts) in self.hidden:
            return
        if period is not None:
            self.unseen -= 1
            self.closing.discard(period.id)
            if offer.continues_period(period):
                return
            self.found.closed.add_sample(line.ref, line.title, offer.access, period.price_cents, None, period.currency)
            if (period.price_cents, period.currency) != (offer.price_cents, offer.currency):
                self.found.repriced.add_sample(
                    line.ref, line.title, offer.access, period.price_cents, offer.price_cents, offer.currency
                )
        self.found.opened.add_sample(line.ref, line.title, offer.access, None, offer.price_cents, offer.currency)

    def _list_changed_facts(self, number: int, line: ObservedEntry) -> tuple[str, ...]:
        entry = self.session.get_one(Entry, number)
        told = line.model_dump(include=set(_FACTS))
        return tuple(name for name in _FACTS if _to_list(getattr(entry, name)) != _to_list(told[name]))

    def _count_gone_titles(self) -> None:
        seen = select(Observation.id).where(Observation.run_id == self.run.id, Observation.ref == Entry.ref).exists()
        gone = (col(Entry.platform_id) == self.run.platform_id, col(Entry.last_run_id) == self.current, ~seen)
        numbers = [number for number in self.session.exec(select(Entry.id).where(*gone)) if number not in self.spared]
        first = _tally_titles(self.session, col(Entry.id).in_(numbers[:MAX_SAMPLES])).first
        self.found.gone = ChangeTally(len(numbers), first)


def _to_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tally_titles(session: Session, *conditions: ColumnElement[bool]) -> ChangeTally:
    number = session.exec(select(func.count()).select_from(Entry).where(*conditions)).one()
    first = session.exec(select(Entry.ref, Entry.title).where(*conditions).order_by(col(Entry.id)).limit(MAX_SAMPLES))
    return ChangeTally(number, [ChangeSample(ref, title) for ref, title in first])


def _sample_offers(session: Session, offer_ids: Iterable[int]) -> list[ChangeSample]:
    return _build_samples(session, select(Offer, Entry).join(Entry).where(col(Offer.id).in_(list(offer_ids))), closed=True)


def _build_samples(session: Session, stmt: Select[Offer, Entry], closed: bool) -> list[ChangeSample]:
    found = session.execute(stmt.order_by(col(Offer.id)).limit(MAX_SAMPLES))
    prices = ((entry, offer, offer.price_cents) for offer, entry in found)
    return [
        ChangeSample(entry.ref, entry.title, offer.access, price if closed else None, None if closed else price, offer.currency)
        for entry, offer, price in prices
    ]


def _read_applied_differences(session: Session, run: Run) -> RunDifferences:
    """What the run changed, read from what it left: titles that came, or were never seen since, and the periods of offers."""
    ours = col(Entry.platform_id) == run.platform_id
    before = select(func.max(Run.id)).where(
        Run.platform_id == run.platform_id, Run.state == RunState.ACCEPTED, col(Run.id) < run.id
    )
    previous = session.exec(before).one()
    found = RunDifferences(added=_tally_titles(session, ours, col(Entry.first_run_id) == run.id))
    found.gone = _tally_titles(session, ours, col(Entry.last_run_id) == previous)
    for tally, which, closed in (
        (found.opened, col(Offer.first_run_id) == run.id, False),
        (found.closed, col(Offer.closed_at) == run.started_at, True),
    ):
        tally.number = session.exec(select(func.count()).select_from(Offer).join(Entry).where(ours, which)).one()
        tally.first = _build_samples(session, select(Offer, Entry).join(Entry).where(ours, which), closed)
    found.repriced = _tally_repriced(session, run)
    return found


def _tally_repriced(session: Session, run: Run) -> ChangeTally:
    """The offers that the run saw at another price than the period it closed."""
    old = aliased(Offer)
    same = (col(old.entry_id) == col(Offer.entry_id)) & (col(old.identity) == col(Offer.identity))
    other = col(old.price_cents).is_distinct_from(col(Offer.price_cents)) | (col(old.currency) != col(Offer.currency))
    told: tuple[Any, ...] = (Entry.ref, Entry.title, Offer.access, old.price_cents, Offer.price_cents, Offer.currency)
    asked = (
        select(*map(col, told))
        .select_from(Offer)
        .join(old, same)
        .join(Entry, col(Entry.id) == col(Offer.entry_id))
        .where(Offer.first_run_id == run.id, old.closed_at == run.started_at, old.closed_why == CloseReason.TERMS_CHANGED, other)
    )
    number = session.exec(select(func.count()).select_from(asked.subquery())).one()
    return ChangeTally(number, [ChangeSample(*row) for row in session.exec(asked.order_by(col(Offer.id)).limit(MAX_SAMPLES))])
