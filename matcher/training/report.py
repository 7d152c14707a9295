"""Write the report of a training: tables in French, the reliability curve, and the figures of the public pages."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.common.errors import UserError
from matcher.explanations import COMPARISON_LABELS, format_number, format_veto_label, format_weight
from matcher.figures import FIGURES_FILE, MatcherFigures, dump_figures
from matcher.training.curve import draw_curve
from matcher.training.metrics import LinkMetrics, compute_calibration_bins, compute_metrics, compute_veto_metrics
from matcher.training.train import TARGET_PRECISION, Outcome, TrainingResult
from matcher.vetoes import VETO_CODES

REPORT_FILE, CURVE_FILE = "rapport.md", "fiabilite.svg"


def _format_percent(share: float) -> str:
    return f"{format_number(100 * share, 2)} %"


def _compute_metrics_by_set(outcomes: Sequence[Outcome]) -> list[tuple[str, LinkMetrics]]:
    by_set: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_set.setdefault(outcome.example.source, []).append(outcome)
    rows = [(name, compute_metrics(set_outcomes)) for name, set_outcomes in by_set.items()]
    return [*rows, ("**ensemble**", compute_metrics(outcomes))]


def build_figures(training: TrainingResult) -> MatcherFigures:
    """Return the figures of all the examples together, each decided by a model that never saw it."""
    metrics = compute_metrics(training.outcomes)
    return MatcherFigures(
        model=training.model.version,
        links=metrics.published,
        wrong=metrics.wrong,
        precision=metrics.precision,
        precision_lower_bound=metrics.precision_lower_bound,
    )


def render_report(training: TrainingResult) -> str:
    """Return the report in Markdown."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 (Markdown, and nothing in it comes from outside)
    )
    return templates.get_template("report.md.jinja").render(
        model=training.model,
        target_precision=TARGET_PRECISION,
        folds=_compute_metrics_by_set(training.outcomes),
        apart=[(name, metrics) for name, metrics in _compute_metrics_by_set(training.apart_outcomes)[:-1]],
        vetoes=compute_veto_metrics([*training.outcomes, *training.apart_outcomes]),
        veto_labels={code: format_veto_label(code) for code in VETO_CODES},
        held_out_sets=[(name, compute_metrics(outcomes)) for name, outcomes in training.held_out_outcomes.items()],
        bins=compute_calibration_bins(training.outcomes),
        labels=COMPARISON_LABELS,
        format_number=format_number,
        format_percent=_format_percent,
        format_weight=format_weight,
    )


def write_report(folder: Path, training: TrainingResult) -> None:
    """Write the report, its curve and its figures in a folder. Raise UserError when it cannot be written."""
    texts = {
        REPORT_FILE: render_report(training) + "\n",
        CURVE_FILE: draw_curve(compute_calibration_bins(training.outcomes)),
        FIGURES_FILE: dump_figures(build_figures(training)),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder} : écriture impossible ({error.strerror})") from None
