"""The report of a training, in French: tables by set, on folds and on sets never seen, and the reliability curve."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.common.errors import UserError
from matcher.explanations import COMPARISON_LABELS, format_number, format_weight
from matcher.training.curve import draw_curve
from matcher.training.metrics import LinkMetrics, compute_calibration_bins, compute_metrics
from matcher.training.train import TARGET_PRECISION, Outcome, TrainingResult

REPORT_FILE, CURVE_FILE = "rapport.md", "fiabilite.svg"


def _format_percent(share: float) -> str:
    return f"{format_number(100 * share, 2)} %"


def _compute_metrics_by_set(outcomes: Sequence[Outcome]) -> list[tuple[str, LinkMetrics]]:
    names = dict.fromkeys(outcome.example.source for outcome in outcomes)
    parts = [(name, compute_metrics([outcome for outcome in outcomes if outcome.example.source == name])) for name in names]
    return [*parts, ("**ensemble**", compute_metrics(outcomes))]


def render_report(training: TrainingResult) -> str:
    """The report, in Markdown."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 (Markdown, and nothing in it comes from outside)
    )
    return templates.get_template("report.md.jinja").render(
        model=training.model,
        aim=TARGET_PRECISION,
        folds=_compute_metrics_by_set(training.outcomes),
        unseen=[(name, compute_metrics(outcomes)) for name, outcomes in training.held_out_outcomes.items()],
        bins=compute_calibration_bins(training.outcomes),
        words=COMPARISON_LABELS,
        number=format_number,
        percent=_format_percent,
        signed=format_weight,
    )


def write_report(folder: Path, training: TrainingResult) -> None:
    """Writes the report and its curve in a folder. Raises Problem when it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / REPORT_FILE).write_text(render_report(training) + "\n", encoding="utf-8")
        (folder / CURVE_FILE).write_text(draw_curve(compute_calibration_bins(training.outcomes)), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder} : écriture impossible ({error.strerror})") from None
