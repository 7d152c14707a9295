"""How what a run saw moves into entries, offers and their periods, a batch of lines at a time: memory stays flat."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from domain.common.links import followed
from domain.models.delivery import Delivery
from domain.models.entry import Entry
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import TERMS, Observed, ObservedOffer
from domain.runs.runs import complete_before

CHANGED = "prix ou dates changés"
GONE = "absente de deux collectes complètes"
WITHDRAWN = "retirée par l'éditeur"
BROKEN = "lien rompu plusieurs jours de suite"
_BATCH = 500
Row = dict[str, Any]


def move_lines(session: Session, run: Run, lines: Sequence[Observed]) -> None:
    """Creates or brings up to date the entries of these lines (each ref once), and follows their offers."""
    numbers = _upsert_entries(session, run, lines)
    periods = _open_periods(session, list(numbers.values()))
    hosts, hidden = hidden_links(session, run)
    kept: list[Row] = []
    closed: list[Row] = []
    opened: list[Row] = []
    for line in lines:
        for offer in _distinct(line.offers):
            period = periods.get((numbers[line.ref], offer.identity))
            if period is not None and offer.continues(period):
                kept.append({"id": period.id, **_seen(offer, run)})
                continue
            if period is None and hidden and followed((offer.url, line.url), hosts) in hidden:
                continue
            if period is not None:
                closed.append({"id": period.id, "closed_at": run.started, "closed_why": CHANGED, "last_run_id": run.id})
            opened.append(_new_period(numbers[line.ref], offer, run))
    for statement, rows in ((update(Offer), kept), (update(Offer), closed), (insert(Offer), opened)):
        if rows:
            session.execute(statement, rows)


def hidden_links(session: Session, run: Run) -> tuple[list[str], set[str]]:
    """The sites of the platform, and its links that lead nowhere: no run opens their offers until they are found again."""
    asked = select(LinkCheck.url).where(LinkCheck.platform_id == run.platform_id, col(LinkCheck.hidden).is_not(None))
    return session.get_one(Platform, run.platform_id).hosts, set(session.exec(asked))


def _upsert_entries(session: Session, run: Run, lines: Sequence[Observed]) -> dict[str, int]:
    """The entry's number of each line, by ref."""
    refs = [line.ref for line in lines]
    asked = select(col(Entry.ref), col(Entry.id)).where(col(Entry.platform_id) == run.platform_id, col(Entry.ref).in_(refs))
    numbers: dict[str, int] = {ref: number for ref, number in session.exec(asked) if number is not None}
    known = [{"id": numbers[line.ref], **_facts(line, run)} for line in lines if line.ref in numbers]
    new = [
        {"platform_id": run.platform_id, "first_run_id": run.id, **_facts(line, run)} for line in lines if line.ref not in numbers
    ]
    if known:
        session.execute(update(Entry), known)
    if new:
        created = session.execute(insert(Entry).returning(col(Entry.ref), col(Entry.id)), new)
        numbers |= {ref: number for ref, number in created if number is not None}
    return numbers


def _facts(line: Observed, run: Run) -> Row:
    facts = line.model_dump(exclude={"offers"}) | {"content_hash": line.content_hash(), "last_run_id": run.id}
    return facts | {"directors": list(line.directors), "countries": list(line.countries)}


def _open_periods(session: Session, entries: list[int]) -> dict[tuple[int, str], Any]:
    columns = (Offer.id, Offer.entry_id, Offer.identity, *(getattr(Offer, term) for term in TERMS))
    asked = select(*map(col, columns)).where(col(Offer.entry_id).in_(entries), col(Offer.closed_at).is_(None))
    return {(period.entry_id, period.identity): period for period in session.execute(asked)}


def _distinct(offers: Iterable[ObservedOffer]) -> Iterable[ObservedOffer]:
    return {offer.identity: offer for offer in reversed(tuple(offers))}.values()


def _seen(offer: ObservedOffer, run: Run) -> Row:
    """What a period takes from the last time it was seen."""
    return {"last_seen": run.started, "last_run_id": run.id, "url": offer.url}


def _new_period(entry_id: int, offer: ObservedOffer, run: Run) -> Row:
    facts = offer.model_dump() | {"languages": list(offer.languages), "identity": offer.identity, "entry_id": entry_id}
    seen = {"first_seen": run.started, "last_seen": run.started, "first_run_id": run.id, "last_run_id": run.id}
    return facts | seen


def close_absent(session: Session, run: Run) -> None:
    """One absence may be a slip of the platform; two complete ones in a row close the offer."""
    previous = complete_before(session, run)
    if previous is None:
        return
    ours = select(col(Entry.id)).where(col(Entry.platform_id) == run.platform_id)
    absent = update(Offer).where(
        col(Offer.entry_id).in_(ours), col(Offer.closed_at).is_(None), col(Offer.last_run_id) < previous.id
    )
    session.execute(absent.values(closed_at=run.started, closed_why=GONE), execution_options={"synchronize_session": False})


def close_withdrawn(session: Session, run: Run) -> None:
    """Closes what the editor withdrew by the delivery that the run came from; nothing for a run that we collected."""
    told_whole = session.exec(select(Delivery.told_whole).where(col(Delivery.run_id) == run.id)).first() or []
    for start in range(0, len(told_whole), _BATCH):
        named = select(col(Entry.id)).where(col(Entry.platform_id) == run.platform_id)
        withdrawn = update(Offer).where(
            col(Offer.entry_id).in_(named.where(col(Entry.ref).in_(told_whole[start : start + _BATCH]))),
            col(Offer.closed_at).is_(None),
            col(Offer.last_run_id) != run.id,
        )
        withdrawn = withdrawn.values(closed_at=run.started, closed_why=WITHDRAWN)
        session.execute(withdrawn, execution_options={"synchronize_session": False})


def forget_loaded(session: Session) -> None:
    """Entries and offers that the session holds are read again when next asked for: they were changed beside it."""
    for thing in list(session):
        if isinstance(thing, Entry | Offer):
            session.expire(thing)
