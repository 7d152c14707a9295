"""Every issue of a run as JSON lines, beside the first of each kind that the database keeps."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawlers.mapper import Issue
from records.errors import Problem
from records.vocabulary import Level


class IssueLog:
    """A file of one object a line: {at, level, kind, ref, message}; the last line says how the run ended.

    Raises Problem when the file cannot be written, a full disk among others.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", errors="replace")
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, level: Level, issue: Issue) -> None:
        """Adds an issue."""
        self._add({"level": level, "kind": issue.kind, "ref": issue.ref, "message": issue.message})

    def close(self, end: dict[str, Any]) -> None:
        """Adds the end of the run: outcome, verdict and counts."""
        self._add(end)
        try:
            self._file.close()
        except OSError as error:
            raise self._unwritable(error) from None

    def _add(self, said: dict[str, Any]) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._file.write(json.dumps({"at": moment, **said}, ensure_ascii=False) + "\n")
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> Problem:
        return Problem(f"journal {self.path} : impossible à écrire ({error.strerror})")
