"""Give pages the figures of the matcher's report, read from the data file that `ouvoir train` writes."""

from dataclasses import dataclass
from pathlib import Path

from domain.common.environment import RESOURCES
from matcher.figures import FIGURES_FILE, load_figures
from webapp.core import french

REPORT_PATH = RESOURCES / "docs" / "matching" / "rapport.md"
FIGURES_PATH = REPORT_PATH.with_name(FIGURES_FILE)
_PERCENT_DIGITS = 2


@dataclass(frozen=True, slots=True)
class MatcherReport:
    """Hold how many links a model published without a person, and how many were wrong; shares are French texts, « 99,78 % »."""

    version: str
    links: int
    wrong: int
    precision: str
    bound: str


def load_matcher_report(path: Path = FIGURES_PATH) -> MatcherReport | None:
    """Return the figures of all lists together; None when there is no data file, or one that holds something else."""
    figures = load_figures(path)
    if figures is None:
        return None
    return MatcherReport(
        figures.model,
        figures.links,
        figures.wrong,
        french.format_percent(figures.precision, _PERCENT_DIGITS),
        french.format_percent(figures.precision_lower_bound, _PERCENT_DIGITS),
    )
