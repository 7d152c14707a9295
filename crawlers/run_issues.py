"""Record the issues of a run: every one in its log, the first of each kind in the database."""

from collections import Counter
from pathlib import Path
from typing import Any

from crawlers.extract.mapper import UNREADABLE_ROW, Issue
from crawlers.issue_log import IssueLog
from domain.common.enums import IssueLevel

MAX_ISSUES_PER_KIND = 200


class RunIssues:
    """Write issues to the log, and keep the first two hundred of each kind until they are stored."""

    def __init__(self, log_path: Path) -> None:
        self._log = IssueLog(log_path)
        self._counts_by_kind: Counter[str] = Counter()
        self._pending: list[Issue] = []

    def record_issue(self, issue: Issue) -> None:
        """Log an issue, and queue it for the database unless there are already too many of its kind.

        Raises UserError when the log cannot be written.
        """
        self._log.write_issue(get_issue_level(issue.kind), issue)
        self._counts_by_kind[issue.kind] += 1
        if self._counts_by_kind[issue.kind] <= MAX_ISSUES_PER_KIND:
            self._pending.append(issue)

    def take_pending(self) -> list[Issue]:
        """Return the issues to store, and forget them."""
        pending = self._pending
        self._pending = []
        return pending

    def count_omitted(self) -> dict[str, int]:
        """Return how many issues of each kind were logged but not queued."""
        excess = {kind: count - MAX_ISSUES_PER_KIND for kind, count in self._counts_by_kind.items()}
        return {kind: count for kind, count in excess.items() if count > 0}

    def close(self, ending: dict[str, Any]) -> None:
        """Write the end of the run in the log, and close it."""
        self._log.close(ending)


def get_issue_level(kind: str) -> IssueLevel:
    """Return how grave a kind of issue is: an unreadable row is an error, all else a warning."""
    if kind == UNREADABLE_ROW:
        return IssueLevel.ERROR
    return IssueLevel.WARNING
