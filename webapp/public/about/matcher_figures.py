"""The figures of the matcher's report, read from the report itself: none is written by hand in a page."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.common.settings import RESOURCES

REPORT_PATH = RESOURCES / "docs" / "matching" / "rapport.md"
_VERSION_PATTERN = re.compile(r"^# .*modèle (\S+)$", re.MULTILINE)
_FIELD_BY_COLUMN = {"liens automatiques": "links", "faux": "wrong", "précision": "precision", "borne à 95 %": "bound"}


@dataclass(frozen=True, slots=True)
class MatcherReport:
    """Links that a model published unseen, and how many were wrong; shares as the report writes them."""

    version: str
    links: int
    wrong: int
    precision: str
    bound: str


@cache
def load_matcher_report(path: Path = REPORT_PATH) -> MatcherReport | None:
    """The line of all lists together; None when there is no report, or one that is written otherwise."""
    text = path.read_text("utf-8") if path.exists() else ""
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    version, total = _VERSION_PATTERN.search(text), next((row for row in rows if row[0] == "ensemble"), None)
    if version is None or total is None or len(total) != len(rows[0]):
        return None
    found = {_FIELD_BY_COLUMN[name]: cell for name, cell in zip(rows[0], total, strict=True) if name in _FIELD_BY_COLUMN}
    if len(found) != len(_FIELD_BY_COLUMN) or not (found["links"].isdecimal() and found["wrong"].isdecimal()):
        return None
    return MatcherReport(version[1], int(found["links"]), int(found["wrong"]), found["precision"], found["bound"])
