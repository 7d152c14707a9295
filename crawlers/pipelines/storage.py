"""Store a run in batches: observations, pages, issues, counts and documents."""

from time import monotonic

from scrapy.exceptions import DropItem
from sqlmodel import Session

from crawlers.crawl_run import CrawlRun
from crawlers.items import CarriedPage, CatalogueRow, ReadPage
from crawlers.pipelines.base import RunPipeline
from crawlers.pipelines.mapping import MappedItem
from crawlers.run_issues import get_issue_level
from domain.common.enums import HoldCode, Outcome
from domain.db.engine import write_session
from domain.models.run import Run
from domain.runs.hold_reasons import HoldReason, build_reason, format_hold_reasons, set_hold_reasons
from domain.runs.observation import ObservedEntry
from domain.runs.page_reads import PageSnapshot, store_page_reads
from domain.runs.runs import add_issue, add_omitted_issues, get_run, store_observations

BATCH_SIZE = 500
FLUSH_INTERVAL = 5.0
"""Seconds after which a slow site's figures are written, for whoever watches."""


class StoragePipeline(RunPipeline):
    """Write observations and pages under the run, five hundred at a time. A failed write ends the run."""

    def __init__(self, run: CrawlRun) -> None:
        super().__init__(run)
        self._observations: list[ObservedEntry] = []
        self._pages: list[PageSnapshot] = []
        self._flushed_at = monotonic()
        self._has_failed = False

    def process_item(self, item: MappedItem) -> MappedItem:
        """Queue the item, and write the batch when it is due. Raises UserError when the database takes no more."""
        if self._has_failed:
            raise DropItem("the run can no longer be stored")
        self._queue_item(item)
        is_full = max(len(self._observations), len(self._pages)) >= BATCH_SIZE
        if is_full or monotonic() - self._flushed_at >= FLUSH_INTERVAL:
            self.flush()
        return item

    def close_spider(self) -> None:
        """Write what is left; after a failed write there is nothing to try again."""
        if not self._has_failed:
            self.flush()

    def flush(self) -> None:
        """Write the batch in one transaction. Raises UserError when the database takes no more."""
        self._has_failed = True
        with write_session(self.run.engine) as session:
            store_observations(session, self.run.run_id, self._observations)
            store_page_reads(session, self.run.run_id, self._pages)
            _store_progress(session, self.run)
        self._has_failed = False
        self._observations = []
        self._pages = []
        self._flushed_at = monotonic()

    def _queue_item(self, item: MappedItem) -> None:
        if isinstance(item, ReadPage):
            self._pages.append(item.page)
        elif isinstance(item, CarriedPage):
            self._pages.append(item.page)
            if item.is_seen:
                self._observations += item.entries
        elif isinstance(item, CatalogueRow) and item.mapped.observation is not None:
            self._observations.append(item.mapped.observation)


def finish_run(run: CrawlRun, failure: str | None) -> None:
    """Write how the collection ended: failed, partial when something is missing, or complete.

    Raises UserError when the database or the log cannot be written.
    """
    outcome = _determine_outcome(run, failure)
    reasons = _build_hold_reasons(failure, run.gaps)
    with write_session(run.engine) as session:
        stored_run = _store_progress(session, run)
        for kind, count in run.issues.count_omitted().items():
            add_omitted_issues(session, run.run_id, get_issue_level(kind), kind, count)
        stored_run.outcome = outcome
        set_hold_reasons(stored_run, reasons)
    verdict = "".join(format_hold_reasons(reasons))
    run.issues.close({"outcome": outcome, "verdict": verdict, "counts": run.counts.model_dump()})


def _store_progress(session: Session, run: CrawlRun) -> Run:
    """Store the pending issues, the counts and the documents so far, and return the row of the run."""
    for issue in run.issues.take_pending():
        add_issue(session, run.run_id, get_issue_level(issue.kind), issue.kind, issue.message, issue.ref)
    stored_run = get_run(session, run.run_id)
    stored_run.counts = run.counts.model_dump()
    stored_run.documents = list(run.documents)
    session.add(stored_run)
    return stored_run


def _determine_outcome(run: CrawlRun, failure: str | None) -> Outcome:
    if failure:
        return Outcome.FAILED
    if run.gaps:
        return Outcome.PARTIAL
    return Outcome.COMPLETE


def _build_hold_reasons(failure: str | None, gaps: list[str]) -> list[HoldReason]:
    if failure:
        return [build_reason(HoldCode.COLLECTOR_ERROR, message=failure)]
    if gaps:
        return [build_reason(HoldCode.MISSING_PARTS, count=len(gaps), message=gaps[0])]
    return []
