"""Write every issue of a run as JSON lines, beside the first of each kind that the database stores."""

import errno
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from crawlers.extract.mapper import Issue
from domain.common.enums import IssueLevel
from domain.common.errors import UserError
from domain.common.text import format_count

MAX_LINES_PER_KIND = 10_000


class IssueLog:
    """Write a file of one object a line: {at, level, kind, ref, message}; the last line says how the run ended.

    Past ten thousand of a kind, issues are left out; a line before the last says how many.

    Raises UserError when the file cannot be written, a full disk among others; it is raised once, then nothing more is written.
    """

    _file: TextIO | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self._counts_by_kind: Counter[str] = Counter()
        self._overflow_levels: dict[str, IssueLevel] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", errors="replace")
        except OSError as error:
            raise self._build_write_error(error) from None

    def write_issue(self, level: IssueLevel, issue: Issue) -> None:
        """Write an issue, unless there are already too many of its kind."""
        self._counts_by_kind[issue.kind] += 1
        if self._counts_by_kind[issue.kind] > MAX_LINES_PER_KIND:
            self._overflow_levels[issue.kind] = level
            return
        self._write_line({"level": level, "kind": issue.kind, "ref": issue.ref, "message": issue.message})

    def close(self, ending: dict[str, Any]) -> None:
        """Write what was left out of each kind, then the end of the run: outcome, verdict and counts."""
        for kind, level in self._overflow_levels.items():
            omitted = format_count(self._counts_by_kind[kind] - MAX_LINES_PER_KIND, "autre")
            self._write_line({"level": level, "kind": kind, "ref": "", "message": f"et {omitted}"})
        self._write_line(ending)
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                raise self._build_write_error(error) from None

    def _write_line(self, payload: dict[str, Any]) -> None:
        if self._file is None:
            return
        written_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._file.write(json.dumps({"at": written_at, **payload}, ensure_ascii=False) + "\n")
        except OSError as error:
            raise self._build_write_error(error) from None

    def _build_write_error(self, error: OSError) -> UserError:
        """Close the file for good, and return the error to raise."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = None
        reason = "disque plein" if error.errno == errno.ENOSPC else error.strerror
        return UserError(f"journal {self.path} : impossible à écrire ({reason})")
