"""Table of the pages that a run read or carried over: what lets the next run ask for less."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from domain.common.enums import Outcome, RunState
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.page_read import PageRead
from domain.models.platform import Platform
from domain.models.run import Run

_BATCH = 500
_NO_SESSION_SYNC = {"synchronize_session": False}


class PageSnapshot(NamedTuple):
    """A `PageRead` apart from any run."""

    url: str
    rules_hash: str
    read_at: datetime
    lastmod: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    dropped: str | None = None
    lines: Sequence[dict[str, Any]] = ()


_COLUMNS = tuple(getattr(PageRead, name) for name in PageSnapshot._fields)


def store_page_reads(session: Session, run_id: int, pages: Iterable[PageSnapshot]) -> None:
    """Writes a batch of pages under a run."""
    rows = [page._asdict() | {"run_id": run_id, "lines": list(page.lines)} for page in pages]
    if rows:
        session.exec(insert(PageRead), params=rows)


def get_page_reads(session: Session, run_id: int, urls: Sequence[str]) -> dict[str, PageSnapshot]:
    """What a run remembers of some addresses, by address."""
    asked = select(*_COLUMNS).where(col(PageRead.run_id) == run_id, col(PageRead.url).in_(urls))
    return {row[0]: PageSnapshot(*row) for row in session.execute(asked)}


def iter_page_reads(session: Session, run_id: int) -> Iterator[PageSnapshot]:
    """Every page that a run remembers, without what its server said nor its lines."""
    asked = select(PageRead.url, PageRead.rules_hash, PageRead.read_at, PageRead.dropped).where(PageRead.run_id == run_id)
    for url, rules, read_at, dropped in session.exec(asked.execution_options(yield_per=_BATCH)):
        yield PageSnapshot(url, rules, read_at, dropped=dropped)


def promote_page_reads(session: Session, run: Run) -> None:
    """Makes a run's pages the memory of its platform: to be called as it is accepted, while the run before is current.

    Lines that it remembers without having observed them stay as they were last seen, and count in no absence. A complete
    run's memory replaces every other; one that is not, or whose memory was dropped, takes over what it lacks.
    """
    platform = session.get_one(Platform, run.platform_id)
    _carry_over_unread_entries(session, run)
    own = select(PageRead.url).where(PageRead.run_id == run.id)
    whole = run.outcome is Outcome.COMPLETE and session.exec(own.limit(1)).first() is not None
    if not whole and platform.current_run_id is not None:
        lacking = update(PageRead).where(col(PageRead.run_id) == platform.current_run_id, col(PageRead.url).not_in(own))
        session.execute(lacking.values(run_id=run.id), execution_options=_NO_SESSION_SYNC)
    others = select(Run.id).where(Run.platform_id == run.platform_id, Run.id != run.id)
    session.execute(delete(PageRead).where(col(PageRead.run_id).in_(others)), execution_options=_NO_SESSION_SYNC)


def delete_stale_page_reads(session: Session, run: Run) -> None:
    """Frees, as a run begins, the pages of runs of its platform that nobody believed; the last one's may still serve."""
    unbelieved = col(Run.state).in_((RunState.HELD, RunState.REJECTED))
    held = select(Run.id).where(Run.platform_id == run.platform_id, unbelieved, col(Run.id) < run.id)
    forgotten = session.exec(held.order_by(col(Run.id).desc()).offset(1)).all()
    session.execute(delete(PageRead).where(col(PageRead.run_id).in_(forgotten)), execution_options=_NO_SESSION_SYNC)


def _carry_over_unread_entries(session: Session, run: Run) -> None:
    """Entries and offers whose page failed, or was not asked for, follow the run without being seen by it."""
    spared = sorted(list_unread_entry_ids(session, run))
    for start in range(0, len(spared), _BATCH):
        some = spared[start : start + _BATCH]
        entries = update(Entry).where(col(Entry.id).in_(some))
        offers = update(Offer).where(col(Offer.entry_id).in_(some), col(Offer.closed_at).is_(None))
        for statement in (entries, offers):
            session.execute(statement.values(last_run_id=run.id), execution_options=_NO_SESSION_SYNC)


def list_unread_entry_ids(session: Session, run: Run) -> set[int]:
    """The entries not seen by the run whose page it did not read, by number: before it is accepted, any it remembers."""
    absent = select(Entry.ref, Entry.id).where(Entry.platform_id == run.platform_id, col(Entry.last_run_id) < run.id)
    numbers = dict(session.exec(absent).all())
    if not numbers:
        return set()
    remembered = select(PageRead.lines).where(PageRead.run_id == run.id, col(PageRead.dropped).is_(None))
    remembered = remembered.where(col(PageRead.read_at) < run.started_at).execution_options(yield_per=_BATCH)
    return {numbers[line["ref"]] or 0 for lines in session.exec(remembered) for line in lines if line["ref"] in numbers}
