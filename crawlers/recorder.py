"""What a run sees, counted and put in the database batch by batch."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Engine

from crawlers.mapper import UNREADABLE_LINE, Issue, map_row
from crawlers.platform_file import FILLABLE, PlatformFile
from records.checks import RunCounts
from records.database import writing
from records.observed import Observed
from records.runs import add_issue, find_run, store_observations
from records.vocabulary import Level, Outcome

BATCH = 500
ISSUES_PER_KIND = 200


class Recorder:
    """The child's notebook: lines, counts, issues and documents of one run. `gaps` are what keeps it from being complete."""

    def __init__(self, engine: Engine, run_id: int, platform: PlatformFile) -> None:
        self.engine, self.run_id, self.platform = engine, run_id, platform
        self.counts = RunCounts()
        self.gaps: list[str] = []
        self._refs: set[str] = set()
        self._lines: list[Observed] = []
        self._issues: list[Issue] = []
        self._kinds: Counter[str] = Counter()
        self._documents: list[dict[str, str]] = []

    def receive(self, row: object, base: str | None) -> bool:
        """Maps a line and counts it: kept, dropped, given before, or unreadable; whether it could be read."""
        mapped = map_row(self.platform, row, base)
        line = mapped.observed
        if line is not None and line.ref in self._refs:
            self.counts.duplicates += 1
            self.warn(Issue("doublon", f"ligne reçue deux fois : {line.title}", line.ref))
            return True
        self.counts.rows += 1
        for issue in mapped.issues:
            self.warn(issue)
        if line is not None:
            self._keep(line)
        elif mapped.dropped is not None:
            self.drop(mapped.dropped)
        else:
            self.counts.unmapped += 1
            return False
        return True

    def drop(self, rule: str) -> None:
        """Counts a line left aside under a rule."""
        self.counts.dropped[rule] = self.counts.dropped.get(rule, 0) + 1

    def unreadable(self, message: str) -> None:
        """Counts a line that could not even be read as a line."""
        self.counts.rows += 1
        self.counts.unmapped += 1
        self.warn(Issue(UNREADABLE_LINE, message))

    def warn(self, issue: Issue) -> None:
        """Notes an issue; past a number of each kind, they are only counted."""
        self._kinds[issue.kind] += 1
        if self._kinds[issue.kind] <= ISSUES_PER_KIND:
            self._issues.append(issue)

    def document(self, url: str, body: bytes) -> None:
        """Keeps the trace of a document: where, when, and the hash of its bytes."""
        fetched = datetime.now(UTC).isoformat(timespec="seconds")
        self._documents.append({"url": url, "sha256": hashlib.sha256(body).hexdigest(), "fetched_at": fetched})

    def close(self, failure: str | None) -> None:
        """Writes how the collection ended: failed, partial when something is missing, or complete."""
        spilled = {kind: seen - ISSUES_PER_KIND for kind, seen in self._kinds.items() if seen > ISSUES_PER_KIND}
        self._issues += [Issue(kind, f"et {more} autres") for kind, more in spilled.items()]
        outcome = Outcome.FAILED if failure else Outcome.PARTIAL if self.gaps else Outcome.COMPLETE
        self._write(outcome, failure or _told(self.gaps))

    def _keep(self, line: Observed) -> None:
        self._refs.add(line.ref)
        self.counts.kept += 1
        for name in _filled(line):
            self.counts.filled[name] = self.counts.filled.get(name, 0) + 1
        self._lines.append(line)
        if len(self._lines) >= BATCH:
            self._write(None, "")

    def _write(self, outcome: Outcome | None, verdict: str) -> None:
        with writing(self.engine) as session:
            store_observations(session, self.run_id, self._lines)
            for issue in self._issues:
                level = Level.ERROR if issue.kind == UNREADABLE_LINE else Level.WARNING
                add_issue(session, self.run_id, level, issue.kind, issue.message, issue.ref)
            run = find_run(session, self.run_id)
            run.counts, run.documents = self.counts.model_dump(), self._documents
            run.outcome, run.verdict = outcome, verdict
            session.add(run)
        self._lines, self._issues = [], []


def _filled(line: Observed) -> Iterable[str]:
    priced = any(offer.price_cents is not None for offer in line.offers)
    return [name for name in FILLABLE if (priced if name == "price_cents" else getattr(line, name))]


def _told(gaps: list[str]) -> str:
    if len(gaps) <= 1:
        return "".join(gaps)
    return f"{len(gaps)} manques, dont : {gaps[0]}"
