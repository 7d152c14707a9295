"""What a run changes: what accepting it would do to the live catalogue, or what it did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from domain.common.enums import Access, Outcome, RunState
from domain.common.links import followed
from domain.models.delivery import Delivery
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Observation, Run
from domain.runs.observation import TERMS, Observed, ObservedOffer
from domain.runs.offer_periods import CHANGED, hidden_links
from domain.runs.page_reads import spared_entries
from domain.runs.runs import complete_before, observation_batches

SHOWN = 20
_FACTS = ("title", "original_title", "year", "directors", "runtime_min", "countries", "kind", "ids")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Sample:
    """A title, or one of its offers: prices in cents before and after, and the facts that changed, by name."""

    ref: str
    title: str
    access: Access | None = None
    before: int | None = None
    after: int | None = None
    currency: str = "EUR"
    facts: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """How many there are, and the first of them."""

    number: int = 0
    first: list[Sample] = field(default_factory=list)

    def add(self, *sample: Any) -> None:
        """Counts one more."""
        self.number += 1
        if len(self.first) < SHOWN:
            self.first.append(Sample(*sample))


@dataclass(slots=True)
class Differences:
    """Titles and offers that a run adds, takes away or changes.

    A price that changes also closes an offer and opens another. `changed` is None once nobody can tell; `kept` counts the
    offers that the run did not see and that stay all the same.
    """

    added: Tally = field(default_factory=Tally)
    gone: Tally = field(default_factory=Tally)
    changed: Tally | None = None
    opened: Tally = field(default_factory=Tally)
    closed: Tally = field(default_factory=Tally)
    repriced: Tally = field(default_factory=Tally)
    kept: int = 0


def differences(session: Session, run: Run) -> Differences | None:
    """What accepting the run would change, or what it changed; None while it lasts, or when its lines are gone."""
    if run.state is RunState.ACCEPTED:
        return _done(session, run)
    held = select(Observation.id).where(Observation.run_id == run.id).limit(1)
    if run.state is RunState.OPEN or session.exec(held).first() is None:
        return None
    return _Rehearsal(session, run).told()


class _Rehearsal:
    """A run that waits, held against the live catalogue a batch of lines at a time; nothing is written."""

    def __init__(self, session: Session, run: Run) -> None:
        self.session, self.run = session, run
        self.current = session.get_one(Platform, run.platform_id).current_run_id
        self.found = Differences(changed=Tally())
        self.ours = (col(Entry.platform_id) == run.platform_id, col(Offer.closed_at).is_(None))
        self.spared = spared_entries(session, run)
        self.hosts, self.hidden = hidden_links(session, run)
        self.unseen = self._count_open()
        self.closing = self._may_close()

    def told(self) -> Differences:
        """All the differences."""
        for lines in observation_batches(self.session, self.run.id or 0):
            self._compare(lines)
        self._gone_titles()
        for sample in _offers_of(self.session, sorted(self.closing)[:SHOWN]):
            self.found.closed.first.append(sample)
        self.found.closed.number += len(self.closing)
        self.found.closed.first = self.found.closed.first[:SHOWN]
        self.found.kept = self.unseen - len(self.closing)
        return self.found

    def _count_open(self) -> int:
        return self.session.exec(select(func.count()).select_from(Offer).join(Entry).where(*self.ours)).one()

    def _may_close(self) -> set[int]:
        """The offers that close unless the run saw them: already absent from the complete run before, or withdrawn."""
        asked, found = select(Offer.id).join(Entry).where(*self.ours), set[int | None]()
        previous = complete_before(self.session, self.run)
        if self.run.outcome is Outcome.COMPLETE and previous is not None:
            old = select(Offer.id, Offer.entry_id).join(Entry).where(*self.ours, col(Offer.last_run_id) < previous.id)
            found |= {number for number, entry in self.session.exec(old) if entry not in self.spared}
        told_whole = self.session.exec(select(Delivery.told_whole).where(Delivery.run_id == self.run.id)).first() or []
        for start in range(0, len(told_whole), _BATCH):
            found |= set(self.session.exec(asked.where(col(Entry.ref).in_(told_whole[start : start + _BATCH]))))
        return {number for number in found if number is not None}

    def _compare(self, lines: Sequence[Observed]) -> None:
        asked = select(Entry.ref, Entry.id, Entry.content_hash, Entry.last_run_id)
        asked = asked.where(Entry.platform_id == self.run.platform_id, col(Entry.ref).in_([line.ref for line in lines]))
        known = {ref: (number, digest, last) for ref, number, digest, last in self.session.exec(asked)}
        periods = self._periods([number for number, _, _ in known.values() if number])
        for line in lines:
            number, digest, last = known.get(line.ref, (None, None, None))
            if number is None or last != self.current:
                self.found.added.add(line.ref, line.title)
            if number is not None and digest != line.content_hash() and self.found.changed is not None:
                full = len(self.found.changed.first) >= SHOWN
                self.found.changed.add(line.ref, line.title, None, None, None, "", () if full else self._facts(number, line))
            for offer in {offer.identity: offer for offer in reversed(line.offers)}.values():
                self._follow(line, offer, periods.get((number, offer.identity)))

    def _periods(self, entries: list[int]) -> dict[tuple[int | None, str], Any]:
        columns = (Offer.id, Offer.entry_id, Offer.identity, *(getattr(Offer, term) for term in TERMS))
        asked = select(*map(col, columns)).where(col(Offer.entry_id).in_(entries), col(Offer.closed_at).is_(None))
        return {(period.entry_id, period.identity): period for period in self.session.execute(asked)}

    def _follow(self, line: Observed, offer: ObservedOffer, period: Any) -> None:
        if period is None and self.hidden and followed((offer.url, line.url), self.hosts) in self.hidden:
            return
        if period is not None:
            self.unseen -= 1
            self.closing.discard(period.id)
            if offer.continues(period):
                return
            self.found.closed.add(line.ref, line.title, offer.access, period.price_cents, None, period.currency)
            if (period.price_cents, period.currency) != (offer.price_cents, offer.currency):
                self.found.repriced.add(line.ref, line.title, offer.access, period.price_cents, offer.price_cents, offer.currency)
        self.found.opened.add(line.ref, line.title, offer.access, None, offer.price_cents, offer.currency)

    def _facts(self, number: int, line: Observed) -> tuple[str, ...]:
        entry = self.session.get_one(Entry, number)
        told = line.model_dump(include=set(_FACTS))
        return tuple(name for name in _FACTS if _plain(getattr(entry, name)) != _plain(told[name]))

    def _gone_titles(self) -> None:
        seen = select(Observation.id).where(Observation.run_id == self.run.id, Observation.ref == Entry.ref).exists()
        gone = (col(Entry.platform_id) == self.run.platform_id, col(Entry.last_run_id) == self.current, ~seen)
        numbers = [number for number in self.session.exec(select(Entry.id).where(*gone)) if number not in self.spared]
        first = _titles(self.session, col(Entry.id).in_(numbers[:SHOWN])).first
        self.found.gone = Tally(len(numbers), first)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _titles(session: Session, *which: ColumnElement[bool]) -> Tally:
    number = session.exec(select(func.count()).select_from(Entry).where(*which)).one()
    first = session.exec(select(Entry.ref, Entry.title).where(*which).order_by(col(Entry.id)).limit(SHOWN))
    return Tally(number, [Sample(ref, title) for ref, title in first])


def _offers_of(session: Session, numbers: Iterable[int]) -> list[Sample]:
    return _samples(session, select(Offer, Entry).join(Entry).where(col(Offer.id).in_(list(numbers))), closed=True)


def _samples(session: Session, asked: Select[Offer, Entry], closed: bool) -> list[Sample]:
    found = session.execute(asked.order_by(col(Offer.id)).limit(SHOWN))
    prices = ((entry, offer, offer.price_cents) for offer, entry in found)
    return [
        Sample(entry.ref, entry.title, offer.access, price if closed else None, None if closed else price, offer.currency)
        for entry, offer, price in prices
    ]


def _done(session: Session, run: Run) -> Differences:
    """What the run changed, read from what it left: titles that came, or were never seen since, and the periods of offers."""
    ours = col(Entry.platform_id) == run.platform_id
    before = select(func.max(Run.id)).where(
        Run.platform_id == run.platform_id, Run.state == RunState.ACCEPTED, col(Run.id) < run.id
    )
    previous = session.exec(before).one()
    found = Differences(added=_titles(session, ours, col(Entry.first_run_id) == run.id))
    found.gone = _titles(session, ours, col(Entry.last_run_id) == previous)
    for tally, which, closed in (
        (found.opened, col(Offer.first_run_id) == run.id, False),
        (found.closed, col(Offer.closed_at) == run.started, True),
    ):
        tally.number = session.exec(select(func.count()).select_from(Offer).join(Entry).where(ours, which)).one()
        tally.first = _samples(session, select(Offer, Entry).join(Entry).where(ours, which), closed)
    found.repriced = _repriced(session, run)
    return found


def _repriced(session: Session, run: Run) -> Tally:
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
        .where(Offer.first_run_id == run.id, old.closed_at == run.started, old.closed_why == CHANGED, other)
    )
    number = session.exec(select(func.count()).select_from(asked.subquery())).one()
    return Tally(number, [Sample(*row) for row in session.exec(asked.order_by(col(Offer.id)).limit(SHOWN))])
