"""Store the figures of a trained model in a data file, which the public pages read."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FIGURES_FILE = "figures.json"


class MatcherFigures(BaseModel):
    """Count the links that a model published without a person on labelled lists that it never saw, and the wrong ones.

    `precision` is the share of right links; `precision_lower_bound` its one-sided 95 % Clopper-Pearson bound. Both are from
    0 to 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    model: str = Field(min_length=1)
    links: int = Field(ge=0)
    wrong: int = Field(ge=0)
    precision: float = Field(ge=0, le=1)
    precision_lower_bound: float = Field(ge=0, le=1)


def load_figures(path: Path) -> MatcherFigures | None:
    """Return the figures of a file; None when there is no such file, or one that holds something else."""
    try:
        return MatcherFigures.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def dump_figures(figures: MatcherFigures) -> str:
    """Return the text of the data file."""
    return figures.model_dump_json(indent=2) + "\n"
