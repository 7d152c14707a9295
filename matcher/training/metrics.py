"""What outcomes are worth, counted against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.common.confidence import lower_bound
from matcher.decision import Band
from matcher.training.train import Outcome

BINS = 10


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts over examples; shares are from 0 to 1. `asked` are the examples whose film is in the base."""

    examples: int
    published: int
    wrong: int
    reviewed: int
    asked: int
    found: int
    missed: int
    error: float

    @property
    def precision(self) -> float:
        """The share of published links that are right."""
        return 1 - self.wrong / self.published if self.published else 0.0

    @property
    def bound(self) -> float:
        """Its one-sided 95 % lower bound."""
        return lower_bound(self.published - self.wrong, self.published) if self.published else 0.0

    @property
    def recall(self) -> float:
        """The share of the films that are in the base found without a person."""
        return self.found / self.asked if self.asked else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Outcomes of nearly the same probability: how many, their mean probability, and the share that is right."""

    count: int
    probability: float
    right: float


def reliability(outcomes: Sequence[Outcome]) -> list[Bin]:
    """The outcomes by tenths of probability, empty tenths left out."""
    tenths: list[list[Outcome]] = [[] for _ in range(BINS)]
    for outcome in outcomes:
        tenths[min(int(outcome.probability * BINS), BINS - 1)].append(outcome)
    return [
        Bin(len(some), sum(each.probability for each in some) / len(some), sum(each.right for each in some) / len(some))
        for some in tenths
        if some
    ]


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """The expected gap between probability and truth, over tenths weighed by their counts (Naeini et al., 2015)."""
    bins = reliability(outcomes)
    return sum(each.count * abs(each.probability - each.right) for each in bins) / max(1, len(outcomes))


def measure(outcomes: Sequence[Outcome]) -> Measures:
    """Counts outcomes against the truth."""
    published = [outcome for outcome in outcomes if outcome.decision.band is Band.AUTO]
    asked = [outcome for outcome in outcomes if outcome.example.asked]
    return Measures(
        examples=len(outcomes),
        published=len(published),
        wrong=sum(not outcome.right for outcome in published),
        reviewed=sum(outcome.decision.band is Band.REVIEW for outcome in outcomes),
        asked=len(asked),
        found=sum(outcome.right and outcome.decision.band is Band.AUTO for outcome in asked),
        missed=sum(outcome.decision.band is Band.NONE for outcome in asked),
        error=calibration_error(outcomes),
    )
