"""Plan what accepting a run changes: entries to create or update, offer periods to keep, to close and to open.

Nothing is written here. `domain.runs.offer_periods` applies a plan, `domain.runs.preview` shows it to an agent beforehand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
from domain.common.enums import CloseReason, Outcome
from domain.common.links import pick_allowed_url
from domain.models.columns import get_id
from domain.models.delivery import Delivery
from domain.models.entry import Entry
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.page_reads import list_unread_entry_ids
from domain.runs.runs import get_previous_complete_run, iter_observation_batches

_BATCH = 500


class OpenPeriod(NamedTuple):
    """Represent a stored offer period that is still open; its terms are those of `observation.OFFER_TERMS`."""

    id: int
    entry_id: int
    identity: str
    price_cents: int | None
    currency: str
    starts: datetime | None
    ends: datetime | None
    audio_description: bool | None
    sdh: bool | None


class StoredEntry(NamedTuple):
    """Represent what is stored of an entry before the run."""

    id: int
    content_hash: str
    last_run_id: int


class SeenPeriod(NamedTuple):
    """Pair an open period with the offer that the run saw under its identity."""

    period: OpenPeriod
    offer: ObservedOffer


@dataclass(slots=True)
class EntryPlan:
    """Represent what a run changes of one entry, which is new when `stored` is None.

    `continued` periods go on; `replaced` ones close because their terms changed, and what follows them is among `opened`.
    """

    observation: ObservedEntry
    stored: StoredEntry | None
    continued: list[SeenPeriod] = field(default_factory=list)
    replaced: list[SeenPeriod] = field(default_factory=list)
    opened: list[ObservedOffer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HiddenLinks:
    """Hold the links of a platform that lead nowhere: no run opens their offers until they are found again."""

    hosts: list[str]
    urls: Collection[str]

    def hides(self, observation: ObservedEntry, offer: ObservedOffer) -> bool:
        """Tell whether the link that would be shown for an offer is hidden."""
        return bool(self.urls) and pick_allowed_url((offer.url, observation.url), self.hosts) in self.urls


def plan_entry(
    observation: ObservedEntry, stored: StoredEntry | None, periods: Mapping[str, OpenPeriod], hidden: HiddenLinks
) -> EntryPlan:
    """Plan one observed entry against its open periods by identity. Of two offers with one identity, the first counts."""
    plan = EntryPlan(observation, stored)
    offers = {offer.identity: offer for offer in reversed(observation.offers)}
    for identity, offer in offers.items():
        period = periods.get(identity)
        if period is None:
            if not hidden.hides(observation, offer):
                plan.opened.append(offer)
        elif offer.continues_period(period):
            plan.continued.append(SeenPeriod(period, offer))
        else:
            plan.replaced.append(SeenPeriod(period, offer))
            plan.opened.append(offer)
    return plan


class RunPlanner:
    """Plan a run against the live catalogue, a batch of entries at a time so that memory stays flat.

    `unread_entry_ids` are entries that follow the run without being seen by it: it did not read their pages.
    """

    def __init__(self, session: Session, run: Run) -> None:
        self._session = session
        self._run = run
        self._hidden = _read_hidden_links(session, run)
        self.unread_entry_ids = list_unread_entry_ids(session, run)
        self._closings = self._find_withdrawn_offers()
        self._closings |= self._find_absent_offers()

    def iter_batches(self) -> Iterator[list[EntryPlan]]:
        """Iterate over the plans of all observed entries, in lists."""
        for observations in iter_observation_batches(self._session, get_id(self._run)):
            yield self._plan_batch(observations)

    def get_closings(self) -> dict[int, CloseReason]:
        """Return the offers that close because the run did not see them, by id. Complete once all batches are planned."""
        return self._closings

    def _plan_batch(self, observations: Sequence[ObservedEntry]) -> list[EntryPlan]:
        stored_entries = self._read_stored_entries([observation.ref for observation in observations])
        periods = self._read_open_periods([entry.id for entry in stored_entries.values()])
        plans = []
        for observation in observations:
            entry = stored_entries.get(observation.ref)
            own_periods = periods[entry.id] if entry else {}
            plan = plan_entry(observation, entry, own_periods, self._hidden)
            self._spare_seen_periods(plan)
            plans.append(plan)
        return plans

    def _spare_seen_periods(self, plan: EntryPlan) -> None:
        for seen in (*plan.continued, *plan.replaced):
            self._closings.pop(seen.period.id, None)

    def _read_stored_entries(self, refs: list[str]) -> dict[str, StoredEntry]:
        query = select(col(Entry.ref), col(Entry.id), col(Entry.content_hash), col(Entry.last_run_id))
        query = query.where(col(Entry.platform_id) == self._run.platform_id, col(Entry.ref).in_(refs))
        return {ref: StoredEntry(*values) for ref, *values in self._session.execute(query)}

    def _read_open_periods(self, entry_ids: list[int]) -> defaultdict[int, dict[str, OpenPeriod]]:
        """Return the open periods by entry, then by identity."""
        columns = [col(getattr(Offer, name)) for name in OpenPeriod._fields]
        query = select(*columns).where(col(Offer.entry_id).in_(entry_ids), col(Offer.closed_at).is_(None))
        periods: defaultdict[int, dict[str, OpenPeriod]] = defaultdict(dict)
        for row in self._session.execute(query):
            period = OpenPeriod(*row)
            periods[period.entry_id][period.identity] = period
        return periods

    def _find_absent_offers(self) -> dict[int, CloseReason]:
        """Return the offers that close unless the run sees them: the complete run before had not seen them either.

        One absence may be a slip of the platform, two in a row are not.
        """
        previous = get_previous_complete_run(self._session, self._run)
        if self._run.outcome is not Outcome.COMPLETE or previous is None:
            return {}
        offers = self._read_open_offers(col(Offer.last_run_id) < previous.id)
        return {offer_id: CloseReason.ABSENT for offer_id, entry_id in offers if entry_id not in self.unread_entry_ids}

    def _find_withdrawn_offers(self) -> dict[int, CloseReason]:
        """Return the offers that close unless the run sees them: the delivery that it came from names all that is offered."""
        query = select(Delivery.complete_refs).where(col(Delivery.run_id) == self._run.id)
        complete_refs = self._session.exec(query).first() or []
        withdrawn: dict[int, CloseReason] = {}
        for batch in iter_batches(complete_refs, _BATCH):
            offers = self._read_open_offers(col(Entry.ref).in_(batch))
            withdrawn |= {offer_id: CloseReason.WITHDRAWN for offer_id, _ in offers}
        return withdrawn

    def _read_open_offers(self, condition: ColumnElement[bool]) -> list[tuple[int, int]]:
        """Return the open offers of the platform under a condition, as (offer, entry) ids."""
        query = select(col(Offer.id), col(Offer.entry_id)).join(Entry, col(Entry.id) == col(Offer.entry_id))
        query = query.where(col(Entry.platform_id) == self._run.platform_id, col(Offer.closed_at).is_(None), condition)
        return [(offer_id, entry_id) for offer_id, entry_id in self._session.exec(query) if offer_id is not None]


def _read_hidden_links(session: Session, run: Run) -> HiddenLinks:
    query = select(LinkCheck.url).where(LinkCheck.platform_id == run.platform_id, col(LinkCheck.hidden_at).is_not(None))
    return HiddenLinks(session.get_one(Platform, run.platform_id).hosts, set(session.exec(query)))
