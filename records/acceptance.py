"""A believed run becomes the live state: entries, offers and their periods, in the caller's one transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from records.catalogue import Entry, Offer, Platform, Run
from records.checks import Expect, doubts
from records.errors import Problem
from records.observed import Observed, ObservedOffer
from records.runs import close_held, complete_before, counts_of, drop_observations, last_accepted, observations
from records.vocabulary import Outcome, RunState

CHANGED = "prix ou dates changés"
GONE = "absente de deux collectes complètes"


def settle(session: Session, run: Run, expect: Expect, outcome: Outcome, now: datetime) -> None:
    """Ends an observed run: accepted when believable, held with its reasons when not."""
    counts = counts_of(run)
    last = last_accepted(session, run.platform_id)
    reasons = doubts(expect, outcome, counts, counts_of(last).kept if last else None)
    if reasons:
        said = [run.verdict] if run.verdict else []
        close_held(session, run, outcome, " ; ".join([*said, *reasons]), now)
    else:
        run.outcome = outcome
        accept(session, run, now)


def accept_held(session: Session, run: Run, reason: str, now: datetime) -> None:
    """A person believes a held run and says why. Raises Problem without a reason, or when there is nothing to accept."""
    if not reason.strip():
        raise Problem("une raison est attendue, en quelques mots")
    if run.state is not RunState.HELD:
        raise Problem(f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à accepter")
    if not counts_of(run).kept:
        raise Problem(f"collecte {run.id} : elle n'a gardé aucun titre, l'accepter viderait le catalogue")
    newer = last_accepted(session, run.platform_id)
    if newer is not None and run.id is not None and newer.id is not None and newer.id > run.id:
        raise Problem(f"collecte {run.id} : la collecte {newer.id}, plus récente, a déjà été acceptée")
    run.accepted_reason = reason.strip()
    accept(session, run, now)


def accept(session: Session, run: Run, now: datetime) -> None:
    """Moves what the run saw into the live tables and makes it the platform's current run."""
    assert run.id is not None
    seen_at = run.started
    entries = _entries(session, run.platform_id)
    periods = _open_periods(session, run.platform_id)
    for line in observations(session, run.id):
        entry = _upsert_entry(session, entries.get(line.ref), line, run)
        assert entry.id is not None
        for offer in _distinct(line.offers):
            _follow_offer(session, periods.get((entry.id, offer.identity)), entry.id, offer, run, seen_at)
    if run.outcome is Outcome.COMPLETE:
        _close_absent(session, run, periods.values(), seen_at)
    run.state, run.ended = RunState.ACCEPTED, now
    session.add(run)
    platform = session.get_one(Platform, run.platform_id)
    platform.current_run_id = run.id
    session.add(platform)
    drop_observations(session, run.id)


def _entries(session: Session, platform_id: int) -> dict[str, Entry]:
    return {entry.ref: entry for entry in session.exec(select(Entry).where(col(Entry.platform_id) == platform_id))}


def _open_periods(session: Session, platform_id: int) -> dict[tuple[int, str], Offer]:
    asked = select(Offer).join(Entry).where(col(Entry.platform_id) == platform_id, col(Offer.closed_at).is_(None))
    return {(offer.entry_id, offer.identity): offer for offer in session.exec(asked)}


def _distinct(offers: Iterable[ObservedOffer]) -> Iterable[ObservedOffer]:
    return {offer.identity: offer for offer in reversed(tuple(offers))}.values()


def _upsert_entry(session: Session, entry: Entry | None, line: Observed, run: Run) -> Entry:
    assert run.id is not None
    facts = line.model_dump(exclude={"offers"}) | {"content_hash": line.content_hash(), "last_run_id": run.id}
    facts |= {"directors": list(line.directors), "countries": list(line.countries)}
    if entry is None:
        entry = Entry(platform_id=run.platform_id, first_run_id=run.id, **facts)
        session.add(entry)
        session.flush()
    else:
        entry.sqlmodel_update(facts)
        session.add(entry)
    return entry


def _follow_offer(session: Session, period: Offer | None, entry_id: int, seen: ObservedOffer, run: Run, at: datetime) -> None:
    assert run.id is not None
    if period is not None and seen.continues(period):
        period.last_seen, period.last_run_id, period.url = at, run.id, seen.url
        period.audio_description, period.sdh = seen.audio_description, seen.sdh
        session.add(period)
        return
    if period is not None:
        period.closed_at, period.closed_why, period.last_run_id = at, CHANGED, run.id
        session.add(period)
        session.flush()
    facts = seen.model_dump() | {"languages": list(seen.languages), "identity": seen.identity}
    session.add(
        Offer(entry_id=entry_id, first_seen=at, last_seen=at, first_run_id=run.id, last_run_id=run.id, **facts),
    )


def _close_absent(session: Session, run: Run, periods: Iterable[Offer], at: datetime) -> None:
    """One absence may be a slip of the platform; two complete ones in a row close the offer."""
    previous = complete_before(session, run)
    if previous is None or previous.id is None:
        return
    for offer in periods:
        if offer.closed_at is None and offer.last_run_id < previous.id:
            offer.closed_at, offer.closed_why = at, GONE
            session.add(offer)
