"""How what a run saw moves into entries, offers and their periods, a batch of lines at a time: memory stays flat."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from domain.common.enums import CloseReason
from domain.common.links import pick_allowed_url
from domain.models.delivery import Delivery
from domain.models.entry import Entry
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import OFFER_TERMS, ObservedEntry, ObservedOffer
from domain.runs.runs import get_previous_complete_run

_BATCH = 500
RowValues = dict[str, Any]


def apply_observations(session: Session, run: Run, lines: Sequence[ObservedEntry]) -> None:
    """Creates or brings up to date the entries of these lines (each ref once), and follows their offers."""
    numbers = _upsert_entries(session, run, lines)
    periods = _load_open_periods(session, list(numbers.values()))
    hosts, hidden = get_hidden_links(session, run)
    kept: list[RowValues] = []
    closed: list[RowValues] = []
    opened: list[RowValues] = []
    for line in lines:
        for offer in _deduplicate_offers(line.offers):
            period = periods.get((numbers[line.ref], offer.identity))
            if period is not None and offer.continues_period(period):
                kept.append({"id": period.id, **_build_seen_values(offer, run)})
                continue
            if period is None and hidden and pick_allowed_url((offer.url, line.url), hosts) in hidden:
                continue
            if period is not None:
                closed.append(
                    {"id": period.id, "closed_at": run.started_at, "closed_why": CloseReason.TERMS_CHANGED, "last_run_id": run.id}
                )
            opened.append(_build_period_values(numbers[line.ref], offer, run))
    for statement, rows in ((update(Offer), kept), (update(Offer), closed), (insert(Offer), opened)):
        if rows:
            session.execute(statement, rows)


def get_hidden_links(session: Session, run: Run) -> tuple[list[str], set[str]]:
    """The sites of the platform, and its links that lead nowhere: no run opens their offers until they are found again."""
    asked = select(LinkCheck.url).where(LinkCheck.platform_id == run.platform_id, col(LinkCheck.hidden_at).is_not(None))
    return session.get_one(Platform, run.platform_id).hosts, set(session.exec(asked))


def _upsert_entries(session: Session, run: Run, lines: Sequence[ObservedEntry]) -> dict[str, int]:
    """The entry's number of each line, by ref."""
    refs = [line.ref for line in lines]
    asked = select(col(Entry.ref), col(Entry.id)).where(col(Entry.platform_id) == run.platform_id, col(Entry.ref).in_(refs))
    numbers: dict[str, int] = {ref: number for ref, number in session.exec(asked) if number is not None}
    known = [{"id": numbers[line.ref], **_build_entry_values(line, run)} for line in lines if line.ref in numbers]
    new = [
        {"platform_id": run.platform_id, "first_run_id": run.id, **_build_entry_values(line, run)}
        for line in lines
        if line.ref not in numbers
    ]
    if known:
        session.execute(update(Entry), known)
    if new:
        created = session.execute(insert(Entry).returning(col(Entry.ref), col(Entry.id)), new)
        numbers |= {ref: number for ref, number in created if number is not None}
    return numbers


def _build_entry_values(line: ObservedEntry, run: Run) -> RowValues:
    facts = line.model_dump(exclude={"offers"}) | {"content_hash": line.compute_content_hash(), "last_run_id": run.id}
    return facts | {"directors": list(line.directors), "countries": list(line.countries)}


def _load_open_periods(session: Session, entries: list[int]) -> dict[tuple[int, str], Any]:
    columns = (Offer.id, Offer.entry_id, Offer.identity, *(getattr(Offer, term) for term in OFFER_TERMS))
    asked = select(*map(col, columns)).where(col(Offer.entry_id).in_(entries), col(Offer.closed_at).is_(None))
    return {(period.entry_id, period.identity): period for period in session.execute(asked)}


def _deduplicate_offers(offers: Iterable[ObservedOffer]) -> Iterable[ObservedOffer]:
    return {offer.identity: offer for offer in reversed(tuple(offers))}.values()


def _build_seen_values(offer: ObservedOffer, run: Run) -> RowValues:
    """What a period takes from the last time it was seen."""
    return {"last_seen": run.started_at, "last_run_id": run.id, "url": offer.url}


def _build_period_values(entry_id: int, offer: ObservedOffer, run: Run) -> RowValues:
    facts = offer.model_dump() | {"languages": list(offer.languages), "identity": offer.identity, "entry_id": entry_id}
    seen = {"first_seen": run.started_at, "last_seen": run.started_at, "first_run_id": run.id, "last_run_id": run.id}
    return facts | seen


def close_absent_offers(session: Session, run: Run) -> None:
    """One absence may be a slip of the platform; two complete ones in a row close the offer."""
    previous = get_previous_complete_run(session, run)
    if previous is None:
        return
    ours = select(col(Entry.id)).where(col(Entry.platform_id) == run.platform_id)
    absent = update(Offer).where(
        col(Offer.entry_id).in_(ours), col(Offer.closed_at).is_(None), col(Offer.last_run_id) < previous.id
    )
    session.execute(
        absent.values(closed_at=run.started_at, closed_why=CloseReason.ABSENT), execution_options={"synchronize_session": False}
    )


def close_withdrawn_offers(session: Session, run: Run) -> None:
    """Closes what the editor withdrew by the delivery that the run came from; nothing for a run that we collected."""
    told_whole = session.exec(select(Delivery.complete_refs).where(col(Delivery.run_id) == run.id)).first() or []
    for start in range(0, len(told_whole), _BATCH):
        named = select(col(Entry.id)).where(col(Entry.platform_id) == run.platform_id)
        withdrawn = update(Offer).where(
            col(Offer.entry_id).in_(named.where(col(Entry.ref).in_(told_whole[start : start + _BATCH]))),
            col(Offer.closed_at).is_(None),
            col(Offer.last_run_id) != run.id,
        )
        withdrawn = withdrawn.values(closed_at=run.started_at, closed_why=CloseReason.WITHDRAWN)
        session.execute(withdrawn, execution_options={"synchronize_session": False})


def expire_loaded_rows(session: Session) -> None:
    """Entries and offers that the session holds are read again when next asked for: they were changed beside it."""
    for thing in list(session):
        if isinstance(thing, Entry | Offer):
            session.expire(thing)
