"""The figures of the matcher's report, read from the report itself: none is written by hand in a page."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.common.settings import ROOT

REPORT = ROOT / "docs" / "matching" / "rapport.md"
_VERSION = re.compile(r"^# .*modèle (\S+)$", re.MULTILINE)
_WANTED = {"liens automatiques": "links", "faux": "wrong", "précision": "precision", "borne à 95 %": "bound"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Links that a model published unseen, and how many were wrong; shares as the report writes them."""

    version: str
    links: int
    wrong: int
    precision: str
    bound: str


@cache
def measured(path: Path = REPORT) -> Measured | None:
    """The line of all lists together; None when there is no report, or one that is written otherwise."""
    text = path.read_text("utf-8") if path.exists() else ""
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    version, total = _VERSION.search(text), next((row for row in rows if row[0] == "ensemble"), None)
    if version is None or total is None or len(total) != len(rows[0]):
        return None
    found = {_WANTED[name]: cell for name, cell in zip(rows[0], total, strict=True) if name in _WANTED}
    if len(found) != len(_WANTED) or not (found["links"].isdecimal() and found["wrong"].isdecimal()):
        return None
    return Measured(version[1], int(found["links"]), int(found["wrong"]), found["precision"], found["bound"])
