"""Compare what a run observed with the live catalogue: one that changes all at once is likely another catalogue."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from domain.common.enums import RunState
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.run import Run
from domain.runs.observation import ObservedEntry
from domain.runs.runs import get_run_counts
from domain.runs.validation import RunCounts

COMPARISON_PERIOD = timedelta(days=30)
_OfferKey = tuple[int, str]
"""The id of an entry and the identity of one of its offers."""


def compare_with_catalogue(session: Session, run: Run, batches: Iterable[Sequence[ObservedEntry]]) -> RunCounts:
    """Return the counts of a run with those of its ended, renamed, repriced and new titles, and of titles under one link."""
    changes: Counter[str] = Counter()
    links: Counter[int] = Counter()
    for observations in batches:
        stored = _read_stored_entries(session, run.platform_id, [observation.ref for observation in observations])
        prices = _read_open_prices(session, [entry_id for entry_id, _ in stored.values()])
        for observation in observations:
            entry_id, title = stored.get(observation.ref, (None, None))
            changes["newcomers"] += entry_id is None
            changes["retitled"] += title is not None and title != observation.title
            changes["ended"] += _is_over(observation, run)
            changes["repriced"] += entry_id is not None and _is_repriced(observation, entry_id, prices)
            links.update(_hash_links(observation))
    same_link = max(links.values(), default=0)
    return get_run_counts(run).model_copy(update={**changes, "same_link": same_link})


def _is_over(observation: ObservedEntry, run: Run) -> bool:
    """Tell whether all the offers of a title, which has some, ended before the run."""
    ends = [offer.ends for offer in observation.offers]
    return bool(ends) and all(end is not None and end < run.started_at for end in ends)


def _is_repriced(observation: ObservedEntry, entry_id: int, prices: Mapping[_OfferKey, int | None]) -> bool:
    """Tell whether an offer that is open already has another price."""
    for offer in observation.offers:
        key = (entry_id, offer.identity)
        if key in prices and prices[key] != offer.price_cents:
            return True
    return False


def _hash_links(observation: ObservedEntry) -> set[int]:
    """Return the hashes of a title's links: a whole catalogue of addresses would be heavy to hold."""
    urls = {observation.url, *(offer.url for offer in observation.offers)}
    return {hash(url) for url in urls if url}


def _read_stored_entries(session: Session, platform_id: int, refs: list[str]) -> dict[str, tuple[int, str]]:
    """Return the ids and titles of the entries that are stored already, by ref."""
    query = select(col(Entry.ref), col(Entry.id), col(Entry.title))
    rows = session.exec(query.where(col(Entry.platform_id) == platform_id, col(Entry.ref).in_(refs)))
    return {ref: (entry_id, title) for ref, entry_id, title in rows if entry_id is not None}


def _read_open_prices(session: Session, entry_ids: list[int]) -> dict[_OfferKey, int | None]:
    query = select(Offer.entry_id, Offer.identity, Offer.price_cents)
    rows = session.exec(query.where(col(Offer.entry_id).in_(entry_ids), col(Offer.closed_at).is_(None)))
    return {(entry_id, identity): price_cents for entry_id, identity, price_cents in rows}


def get_baseline_counts(session: Session, run: Run) -> RunCounts | None:
    """Return the counts of the fullest recent accepted run, None without any.

    Recent is within thirty days, and not before the last run that a person accepted. A catalogue that loses a tenth of itself
    every night is thus held before it is half gone.
    """
    query = select(Run).where(col(Run.platform_id) == run.platform_id, col(Run.state) == RunState.ACCEPTED)
    if run.id is not None:
        query = query.where(col(Run.id) < run.id)
    recent: list[RunCounts] = []
    for earlier in session.exec(query.order_by(col(Run.id).desc())):
        if recent and earlier.started_at < run.started_at - COMPARISON_PERIOD:
            break
        recent.append(get_run_counts(earlier))
        if earlier.reason:
            break
    return max(recent, key=lambda counts: counts.kept, default=None)
