"""Apply the plan of an accepted run: write entries, open and close the periods of their offers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col

from domain.common.batches import iter_batches
from domain.common.enums import CloseReason
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.run import Run
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.run_plan import EntryPlan

_BATCH = 500
RowValues = dict[str, Any]


def apply_entry_plans(session: Session, run: Run, plans: Sequence[EntryPlan]) -> None:
    """Create or update the entries of a batch, and keep, close and open the periods of their offers."""
    entry_ids = _upsert_entries(session, run, plans)
    seen_rows: list[RowValues] = []
    closed_rows: list[RowValues] = []
    opened_rows: list[RowValues] = []
    for plan in plans:
        seen_rows += [{"id": seen.period.id, **_build_seen_values(seen.offer, run)} for seen in plan.continued]
        closed_rows += [_build_replaced_values(seen.period.id, run) for seen in plan.replaced]
        opened_rows += [_build_period_values(entry_ids[plan.observation.ref], offer, run) for offer in plan.opened]
    # Closed before opened: a unique index allows one open period per identity.
    for statement, rows in ((update(Offer), seen_rows), (update(Offer), closed_rows), (insert(Offer), opened_rows)):
        if rows:
            session.execute(statement, rows)


def _upsert_entries(session: Session, run: Run, plans: Sequence[EntryPlan]) -> dict[str, int]:
    """Write the entries of a batch. Returns their ids by ref."""
    entry_ids: dict[str, int] = {}
    updated: list[RowValues] = []
    created: list[RowValues] = []
    for plan in plans:
        values = _build_entry_values(plan.observation, run)
        if plan.stored is None:
            created.append({"platform_id": run.platform_id, "first_run_id": run.id, **values})
        else:
            entry_ids[plan.observation.ref] = plan.stored.id
            updated.append({"id": plan.stored.id, **values})
    if updated:
        session.execute(update(Entry), updated)
    if created:
        rows = session.execute(insert(Entry).returning(col(Entry.ref), col(Entry.id)), created)
        entry_ids |= {ref: entry_id for ref, entry_id in rows if entry_id is not None}
    return entry_ids


def _build_entry_values(observation: ObservedEntry, run: Run) -> RowValues:
    values = observation.model_dump(exclude={"offers"})
    values |= {"directors": list(observation.directors), "countries": list(observation.countries)}
    return values | {"content_hash": observation.compute_content_hash(), "last_run_id": run.id}


def _build_seen_values(offer: ObservedOffer, run: Run) -> RowValues:
    """Build what a period takes from the last time it was seen."""
    return {"last_seen": run.started_at, "last_run_id": run.id, "url": offer.url}


def _build_replaced_values(offer_id: int, run: Run) -> RowValues:
    closing = {"closed_at": run.started_at, "closed_why": CloseReason.TERMS_CHANGED}
    return {"id": offer_id, "last_run_id": run.id, **closing}


def _build_period_values(entry_id: int, offer: ObservedOffer, run: Run) -> RowValues:
    values = offer.model_dump()
    values |= {"languages": list(offer.languages), "identity": offer.identity, "entry_id": entry_id}
    values |= {"first_seen": run.started_at, "last_seen": run.started_at}
    return values | {"first_run_id": run.id, "last_run_id": run.id}


def close_offers(session: Session, run: Run, closings: Mapping[int, CloseReason]) -> None:
    """Close offers at the moment of the run, each for its reason."""
    offer_ids = defaultdict[CloseReason, list[int]](list)
    for offer_id, reason in closings.items():
        offer_ids[reason].append(offer_id)
    for reason, ids in offer_ids.items():
        for batch in iter_batches(ids, _BATCH):
            closing = update(Offer).where(col(Offer.id).in_(batch))
            closing = closing.values(closed_at=run.started_at, closed_why=reason)
            session.execute(closing, execution_options={"synchronize_session": False})


def expire_loaded_rows(session: Session) -> None:
    """Make the session read its entries and offers again when next used: bulk updates changed them beside it."""
    for loaded in list(session):
        if isinstance(loaded, Entry | Offer):
            session.expire(loaded)
