"""What a run sees, counted and put in the database batch by batch."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Engine

from crawlers.extract.mapper import UNKNOWN_WORD, UNREADABLE_ROW, Issue, MappedRow, map_row
from crawlers.issue_log import IssueLog
from crawlers.platform_files.loader import FILLABLE_FIELDS, PlatformFile
from domain.common.enums import HoldCode, IssueLevel, Outcome
from domain.common.settings import get_settings
from domain.db.engine import write_session
from domain.runs.hold_reasons import HoldReason, build_reason, format_hold_reasons, set_hold_reasons
from domain.runs.observation import ObservedEntry
from domain.runs.page_reads import PageSnapshot, store_page_reads
from domain.runs.runs import add_issue, add_omitted_issues, get_run, store_observations
from domain.runs.validation import RunCounts, is_unusual_price

BATCH_SIZE = 500
FLUSH_INTERVAL = 5.0
MAX_ISSUES_PER_KIND = 200


class Recorder:
    """The child's notebook: lines, counts, issues, pages and documents of one run.

    `gaps` are what keeps it from being complete. Every issue goes to a log as JSON lines; the database gets the first of
    each kind. Raises Problem when the disk or the database takes no more.
    """

    def __init__(self, engine: Engine, run_id: int, platform: PlatformFile) -> None:
        self.engine, self.run_id, self.platform = engine, run_id, platform
        self.counts = RunCounts()
        self.gaps: list[str] = []
        self._log = IssueLog(get_settings().var / "logs" / f"{platform.slug}-{run_id}.jsonl")
        self._refs: set[str] = set()
        self._lines: list[ObservedEntry] = []
        self._issues: list[Issue] = []
        self._pages: list[PageSnapshot] = []
        self._kinds: Counter[str] = Counter()
        self._documents: list[dict[str, str]] = []
        self._written = monotonic()

    def process_row(self, row: object, base_url: str | None) -> bool:
        """Maps a line and counts it: kept, dropped, given before, or unreadable; whether it could be read."""
        return self.process_mapped_row(map_row(self.platform, row, base_url))

    def process_mapped_row(self, mapped: MappedRow) -> bool:
        """Counts a line already mapped, as `receive`."""
        line = mapped.observation
        if line is not None and self.has_ref(line.ref):
            self.counts.duplicates += 1
            self.record_issue(Issue("doublon", f"ligne reçue deux fois : {line.title}", line.ref))
            return True
        self.counts.rows += 1
        self.counts.unknown_words += any(issue.kind == UNKNOWN_WORD for issue in mapped.issues)
        for issue in mapped.issues:
            self.record_issue(issue)
        if line is not None:
            self._count_accepted(line)
            self._lines.append(line)
        elif mapped.dropped is not None:
            self.count_dropped(mapped.dropped)
        else:
            self.counts.unmapped += 1
        self._flush_if_due()
        return line is not None or mapped.dropped is not None

    def carry_over_page(self, page: PageSnapshot, seen: bool) -> None:
        """Takes over what a page held when it was last read: its lines count as received, and as seen now if so said."""
        self.counts.carried += 1
        for payload in page.lines:
            line = ObservedEntry.model_validate(payload)
            if self.has_ref(line.ref):
                self.counts.duplicates += seen
                continue
            self.counts.rows += 1
            self._count_accepted(line)
            if seen:
                self._lines.append(line)
        if page.dropped is not None and not page.lines:
            self.counts.rows += 1
            self.count_dropped(page.dropped)
        self.save_page(page)

    def save_page(self, page: PageSnapshot) -> None:
        """Keeps a page for the next run."""
        self._pages.append(page)
        self._flush_if_due()

    def has_ref(self, ref: str) -> bool:
        """Whether a line of that number was already taken."""
        return ref in self._refs

    def count_dropped(self, rule: str) -> None:
        """Counts a line left aside under a rule."""
        self.counts.dropped[rule] = self.counts.dropped.get(rule, 0) + 1

    def record_unreadable_row(self, message: str) -> None:
        """Counts a line that could not even be read as a line."""
        self.counts.rows += 1
        self.counts.unmapped += 1
        self.record_issue(Issue(UNREADABLE_ROW, message))

    def record_issue(self, issue: Issue) -> None:
        """Notes an issue; past a number of each kind, the database only counts them."""
        self._log.write_issue(_get_level(issue.kind), issue)
        self._kinds[issue.kind] += 1
        if self._kinds[issue.kind] <= MAX_ISSUES_PER_KIND:
            self._issues.append(issue)

    def record_document(self, url: str, body: bytes) -> None:
        """Keeps the trace of a document: where, when, and the hash of its bytes."""
        fetched = datetime.now(UTC).isoformat(timespec="seconds")
        self._documents.append({"url": url, "sha256": hashlib.sha256(body).hexdigest(), "fetched_at": fetched})

    def close(self, failure: str | None) -> None:
        """Writes how the collection ended: failed, partial when something is missing, or complete."""
        spilled = {kind: seen - MAX_ISSUES_PER_KIND for kind, seen in self._kinds.items() if seen > MAX_ISSUES_PER_KIND}
        outcome = Outcome.FAILED if failure else Outcome.PARTIAL if self.gaps else Outcome.COMPLETE
        reasons = _build_hold_reasons(failure, self.gaps)
        self._write_batch(outcome, reasons, spilled)
        verdict = "".join(format_hold_reasons(reasons))
        self._log.close({"outcome": outcome, "verdict": verdict, "counts": self.counts.model_dump()})

    def _count_accepted(self, line: ObservedEntry) -> None:
        self._refs.add(line.ref)
        self.counts.kept += 1
        self.counts.offers += len(line.offers)
        for name in _list_filled_fields(line):
            self.counts.filled[name] = self.counts.filled.get(name, 0) + 1
        strange = [offer for offer in line.offers if is_unusual_price(offer.access, offer.price_cents)]
        self.counts.strange_prices += bool(strange)
        for offer in strange:
            told = f"{(offer.price_cents or 0) / 100:.2f}".replace(".", ",")
            self.record_issue(Issue("prix inhabituel", f"{offer.access} à {told} {offer.currency} : {line.title}", line.ref))

    def _flush_if_due(self) -> None:
        """Writes a batch; a slow site's figures are written now and then, for whoever watches."""
        if len(self._lines) >= BATCH_SIZE or len(self._pages) >= BATCH_SIZE or monotonic() - self._written >= FLUSH_INTERVAL:
            self._write_batch(None, [], {})

    def _write_batch(self, outcome: Outcome | None, reasons: list[HoldReason], omitted: Mapping[str, int]) -> None:
        with write_session(self.engine) as session:
            store_observations(session, self.run_id, self._lines)
            store_page_reads(session, self.run_id, self._pages)
            for issue in self._issues:
                add_issue(session, self.run_id, _get_level(issue.kind), issue.kind, issue.message, issue.ref)
            for kind, count in omitted.items():
                add_omitted_issues(session, self.run_id, _get_level(kind), kind, count)
            run = get_run(session, self.run_id)
            run.counts, run.documents = self.counts.model_dump(), self._documents
            run.outcome = outcome
            set_hold_reasons(run, reasons)
            session.add(run)
        self._lines, self._issues, self._pages = [], [], []
        self._written = monotonic()


def _get_level(kind: str) -> IssueLevel:
    return IssueLevel.ERROR if kind == UNREADABLE_ROW else IssueLevel.WARNING


def _list_filled_fields(line: ObservedEntry) -> Iterable[str]:
    priced = any(offer.price_cents is not None for offer in line.offers)
    return [name for name in FILLABLE_FIELDS if (priced if name == "price_cents" else getattr(line, name))]


def _build_hold_reasons(failure: str | None, gaps: list[str]) -> list[HoldReason]:
    if failure:
        return [build_reason(HoldCode.COLLECTOR_ERROR, message=failure)]
    if gaps:
        return [build_reason(HoldCode.MISSING_PARTS, count=len(gaps), message=gaps[0])]
    return []
