"""What the lines of a run say against what was known before it: a catalogue that changes all at once is something else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import RunState
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.run import Run
from domain.runs.observation import ObservedEntry
from domain.runs.runs import get_run_counts
from domain.runs.validation import RunCounts

COMPARISON_PERIOD = timedelta(days=30)


def compare_with_catalogue(session: Session, run: Run, batches: Iterable[Sequence[ObservedEntry]]) -> RunCounts:
    """The counts of a run, completed with its lines over, retitled, repriced, new, or that share one link."""
    counts = get_run_counts(run)
    links: Counter[int] = Counter()
    found: Counter[str] = Counter()
    for lines in batches:
        known = _get_known_entries(session, run.platform_id, [line.ref for line in lines])
        prices = _get_open_prices(session, [number for number, _ in known.values()])
        for line in lines:
            number, title = known.get(line.ref, (None, None))
            found["newcomers"] += number is None
            found["retitled"] += title is not None and title != line.title
            found["ended"] += bool(line.offers) and all(offer.ends and offer.ends < run.started_at for offer in line.offers)
            found["repriced"] += any(
                prices.get((number, offer.identity), offer.price_cents) != offer.price_cents for offer in line.offers
            )
            links.update({hash(url) for url in (line.url, *(offer.url for offer in line.offers)) if url})
    found["same_link"] = max(links.values(), default=0)
    return counts.model_copy(update=dict(found))


def _get_known_entries(session: Session, platform_id: int, refs: list[str]) -> dict[str, tuple[int, str]]:
    asked = select(Entry.ref, Entry.id, Entry.title).where(col(Entry.platform_id) == platform_id, col(Entry.ref).in_(refs))
    return {ref: (number or 0, title) for ref, number, title in session.exec(asked)}


def _get_open_prices(session: Session, entries: list[int]) -> dict[tuple[Any, str], int | None]:
    asked = select(Offer.entry_id, Offer.identity, Offer.price_cents).where(col(Offer.entry_id).in_(entries))
    return {(entry, identity): price for entry, identity, price in session.exec(asked.where(col(Offer.closed_at).is_(None)))}


def get_baseline_counts(session: Session, run: Run) -> RunCounts | None:
    """The counts of the fullest accepted run of the last thirty days, or since a person last accepted one; None without any.

    A catalogue that loses a tenth of itself every night is thus held before it is half gone.
    """
    asked = select(Run).where(col(Run.platform_id) == run.platform_id, col(Run.state) == RunState.ACCEPTED)
    if run.id is not None:
        asked = asked.where(col(Run.id) < run.id)
    seen: list[RunCounts] = []
    for earlier in session.exec(asked.order_by(col(Run.id).desc())):
        if seen and earlier.started_at < run.started_at - COMPARISON_PERIOD:
            break
        seen.append(get_run_counts(earlier))
        if earlier.reason:
            break
    return max(seen, key=lambda counts: counts.kept, default=None)
