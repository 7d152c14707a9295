"""The report of a training, in French: tables by set, on folds and on sets never seen, and the reliability curve."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.common.errors import Problem
from matcher.explanations import CLUE_WORDS, french_number, signed
from matcher.training.curve import draw_curve
from matcher.training.metrics import Measures, measure, reliability
from matcher.training.train import AIM, Outcome, Training

REPORT, CURVE = "rapport.md", "fiabilite.svg"


def _percent(share: float) -> str:
    return f"{french_number(100 * share, 2)} %"


def _by_set(outcomes: Sequence[Outcome]) -> list[tuple[str, Measures]]:
    names = dict.fromkeys(outcome.example.source for outcome in outcomes)
    parts = [(name, measure([outcome for outcome in outcomes if outcome.example.source == name])) for name in names]
    return [*parts, ("**ensemble**", measure(outcomes))]


def write_text(training: Training) -> str:
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
        aim=AIM,
        folds=_by_set(training.outcomes),
        unseen=[(name, measure(outcomes)) for name, outcomes in training.unseen.items()],
        bins=reliability(training.outcomes),
        words=CLUE_WORDS,
        number=french_number,
        percent=_percent,
        signed=signed,
    )


def write_report(folder: Path, training: Training) -> None:
    """Writes the report and its curve in a folder. Raises Problem when it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / REPORT).write_text(write_text(training) + "\n", encoding="utf-8")
        (folder / CURVE).write_text(draw_curve(reliability(training.outcomes)), encoding="utf-8")
    except OSError as error:
        raise Problem(f"{folder} : écriture impossible ({error.strerror})") from None
