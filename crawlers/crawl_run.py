"""Hold what the spider, the middlewares and the item pipelines of one crawl share."""

import hashlib
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from crawlers.extract.mapper import Issue
from crawlers.platform_files.loader import PlatformFile
from crawlers.run_issues import RunIssues
from domain.common.settings import get_settings
from domain.runs.validation import RunCounts


class CrawlRun:
    """Identify the run of a crawl, and gather its counts, its issues, its documents and its gaps.

    `gaps` are the French reasons why the run is not complete. Raises UserError when the log cannot be written.
    """

    def __init__(self, engine: Engine, run_id: int, platform: PlatformFile) -> None:
        self.engine = engine
        self.run_id = run_id
        self.platform = platform
        self.counts = RunCounts()
        self.gaps: list[str] = []
        self.documents: list[dict[str, str]] = []
        self.issues = RunIssues(get_settings().var / "logs" / f"{platform.slug}-{run_id}.jsonl")

    def record_issue(self, issue: Issue) -> None:
        """Record an issue; see `RunIssues.record_issue`."""
        self.issues.record_issue(issue)

    def record_document(self, url: str, body: bytes) -> None:
        """Keep the trace of a document: where, when, and the hash of its bytes."""
        fetched_at = datetime.now(UTC).isoformat(timespec="seconds")
        self.documents.append({"url": url, "sha256": hashlib.sha256(body).hexdigest(), "fetched_at": fetched_at})

    def count_dropped(self, rule: str) -> None:
        """Count a row left aside under a rule."""
        self.counts.dropped[rule] = self.counts.dropped.get(rule, 0) + 1


def find_crawl_run(crawler: Crawler) -> CrawlRun | None:
    """Return the run that a crawler collects into; None for a crawler that stores nothing, as a probe."""
    run = getattr(crawler.spider, "crawl_run", None)
    if isinstance(run, CrawlRun):
        return run
    return None


def get_crawl_run(crawler: Crawler) -> CrawlRun:
    """Return the run that a crawler collects into."""
    run = find_crawl_run(crawler)
    assert run is not None
    return run
