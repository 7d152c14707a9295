"""What outcomes are worth, counted against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.common.confidence import lower_bound
from matcher.decision import Band
from matcher.training.train import Outcome

BIN_COUNT = 10


@dataclass(frozen=True, slots=True)
class LinkMetrics:
    """Counts over examples; shares are from 0 to 1. `asked` are the examples whose film is in the base."""

    examples: int
    published: int
    wrong: int
    reviewed: int
    matchable: int
    found: int
    missed: int
    calibration_error: float

    @property
    def precision(self) -> float:
        """The share of published links that are right."""
        return 1 - self.wrong / self.published if self.published else 0.0

    @property
    def precision_lower_bound(self) -> float:
        """Its one-sided 95 % lower bound."""
        return lower_bound(self.published - self.wrong, self.published) if self.published else 0.0

    @property
    def recall(self) -> float:
        """The share of the films that are in the base found without a person."""
        return self.found / self.matchable if self.matchable else 0.0


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Outcomes of nearly the same probability: how many, their mean probability, and the share that is right."""

    count: int
    probability: float
    accuracy: float


def compute_calibration_bins(outcomes: Sequence[Outcome]) -> list[CalibrationBin]:
    """The outcomes by tenths of probability, empty tenths left out."""
    tenths: list[list[Outcome]] = [[] for _ in range(BIN_COUNT)]
    for outcome in outcomes:
        tenths[min(int(outcome.probability * BIN_COUNT), BIN_COUNT - 1)].append(outcome)
    return [
        CalibrationBin(
            len(some), sum(each.probability for each in some) / len(some), sum(each.is_correct for each in some) / len(some)
        )
        for some in tenths
        if some
    ]


def compute_calibration_error(outcomes: Sequence[Outcome]) -> float:
    """The expected gap between probability and truth, over tenths weighed by their counts (Naeini et al., 2015)."""
    bins = compute_calibration_bins(outcomes)
    return sum(each.count * abs(each.probability - each.accuracy) for each in bins) / max(1, len(outcomes))


def compute_metrics(outcomes: Sequence[Outcome]) -> LinkMetrics:
    """Counts outcomes against the truth."""
    published = [outcome for outcome in outcomes if outcome.decision.band is Band.AUTO]
    asked = [outcome for outcome in outcomes if outcome.example.is_matchable]
    return LinkMetrics(
        examples=len(outcomes),
        published=len(published),
        wrong=sum(not outcome.is_correct for outcome in published),
        reviewed=sum(outcome.decision.band is Band.REVIEW for outcome in outcomes),
        matchable=len(asked),
        found=sum(outcome.is_correct and outcome.decision.band is Band.AUTO for outcome in asked),
        missed=sum(outcome.decision.band is Band.NONE for outcome in asked),
        calibration_error=compute_calibration_error(outcomes),
    )
