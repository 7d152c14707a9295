"""Store the pages that runs read, so that the next run asks only for those that changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
from domain.common.enums import Outcome, RunState
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.page_read import PageRead
from domain.models.platform import Platform
from domain.models.run import Observation, Run

_BATCH = 500
_NO_SESSION_SYNC = {"synchronize_session": False}


class PageSnapshot(NamedTuple):
    """Represent a `PageRead` apart from any run."""

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
    """Store a batch of pages under a run."""
    rows = [page._asdict() | {"run_id": run_id, "lines": list(page.lines)} for page in pages]
    if rows:
        session.exec(insert(PageRead), params=rows)


def get_page_reads(session: Session, run_id: int, urls: Sequence[str]) -> dict[str, PageSnapshot]:
    """Return the stored pages of a run at some addresses, by address."""
    query = select(*_COLUMNS).where(col(PageRead.run_id) == run_id, col(PageRead.url).in_(urls))
    pages = [PageSnapshot(*row) for row in session.execute(query)]
    return {page.url: page for page in pages}


def iter_page_reads(session: Session, run_id: int) -> Iterator[PageSnapshot]:
    """Iterate over the stored pages of a run, without their entries nor the headers of their server."""
    query = select(PageRead.url, PageRead.rules_hash, PageRead.read_at, PageRead.dropped).where(PageRead.run_id == run_id)
    for url, rules_hash, read_at, dropped in session.exec(query.execution_options(yield_per=_BATCH)):
        yield PageSnapshot(url, rules_hash, read_at, dropped=dropped)


def promote_page_reads(session: Session, run: Run, unread_entry_ids: Iterable[int]) -> None:
    """Make the pages of a run those of its platform, while the run before is still the current one.

    Unread entries stay as they were last seen, and count as absent from no run. The pages of a complete run replace all others; a
    partial run, or one without pages, takes over those that it lacks.
    """
    platform = session.get_one(Platform, run.platform_id)
    _carry_over_entries(session, run, sorted(unread_entry_ids))
    own_urls = select(PageRead.url).where(PageRead.run_id == run.id)
    replaces_all = run.outcome is Outcome.COMPLETE and session.exec(own_urls.limit(1)).first() is not None
    if not replaces_all and platform.current_run_id is not None:
        lacking = update(PageRead).where(col(PageRead.run_id) == platform.current_run_id, col(PageRead.url).not_in(own_urls))
        session.execute(lacking.values(run_id=run.id), execution_options=_NO_SESSION_SYNC)
    other_runs = select(Run.id).where(Run.platform_id == run.platform_id, Run.id != run.id)
    session.execute(delete(PageRead).where(col(PageRead.run_id).in_(other_runs)), execution_options=_NO_SESSION_SYNC)


def delete_stale_page_reads(session: Session, run: Run) -> None:
    """Delete, as a run begins, the pages of earlier runs that were not accepted, except the last one's, which may still be."""
    not_accepted = col(Run.state).in_((RunState.HELD, RunState.REJECTED))
    query = select(Run.id).where(Run.platform_id == run.platform_id, not_accepted, col(Run.id) < run.id)
    stale_run_ids = session.exec(query.order_by(col(Run.id).desc()).offset(1)).all()
    session.execute(delete(PageRead).where(col(PageRead.run_id).in_(stale_run_ids)), execution_options=_NO_SESSION_SYNC)


def _carry_over_entries(session: Session, run: Run, entry_ids: Sequence[int]) -> None:
    """Make entries and their open offers belong to the run without being seen by it."""
    for batch in iter_batches(entry_ids, _BATCH):
        entries = update(Entry).where(col(Entry.id).in_(batch))
        offers = update(Offer).where(col(Offer.entry_id).in_(batch), col(Offer.closed_at).is_(None))
        for statement in (entries, offers):
            session.execute(statement.values(last_run_id=run.id), execution_options=_NO_SESSION_SYNC)


def list_unread_entry_ids(session: Session, run: Run) -> set[int]:
    """List the entries that the run did not observe because it did not read their page: it failed, or was not asked for."""
    remembered = select(PageRead.lines).where(PageRead.run_id == run.id, col(PageRead.dropped).is_(None))
    remembered = remembered.where(col(PageRead.read_at) < run.started_at)
    refs: list[str] = []
    for lines in session.exec(remembered.execution_options(yield_per=_BATCH)):
        refs += [line["ref"] for line in lines]
    is_observed = select(Observation.id).where(Observation.run_id == run.id, Observation.ref == Entry.ref).exists()
    query = select(col(Entry.id)).where(Entry.platform_id == run.platform_id, ~is_observed)
    entry_ids: set[int] = set()
    for batch in iter_batches(refs, _BATCH):
        rows = session.exec(query.where(col(Entry.ref).in_(batch)))
        entry_ids.update(entry_id for entry_id in rows if entry_id is not None)
    return entry_ids
