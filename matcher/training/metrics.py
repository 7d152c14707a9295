"""Measure decisions against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.common.confidence import lower_bound
from domain.common.enums import ReasonCode
from matcher.decision import Band
from matcher.training.train import Outcome
from matcher.vetoes import VETO_CODES

BIN_COUNT = 10


@dataclass(frozen=True, slots=True)
class LinkMetrics:
    """Count the decisions about examples; shares are from 0 to 1.

    `matchable` counts the examples whose film is among the films, `linked` those whose film was linked without a person.
    """

    examples: int
    published: int
    wrong: int
    reviewed: int
    matchable: int
    linked: int
    missed: int
    calibration_error: float

    @property
    def precision(self) -> float:
        """Return the share of published links that are right."""
        return 1 - self.wrong / self.published if self.published else 0.0

    @property
    def precision_lower_bound(self) -> float:
        """Return the one-sided 95 % lower bound of the precision."""
        return lower_bound(self.published - self.wrong, self.published) if self.published else 0.0

    @property
    def recall(self) -> float:
        """Return the share of the matchable examples that were linked without a person."""
        return self.linked / self.matchable if self.matchable else 0.0


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Outcomes of about the same probability: their count, their mean probability, and the share that is right."""

    count: int
    probability: float
    accuracy: float


def compute_calibration_bins(outcomes: Sequence[Outcome]) -> list[CalibrationBin]:
    """Return the outcomes by tenths of probability, without the empty tenths."""
    tenths: list[list[Outcome]] = [[] for _ in range(BIN_COUNT)]
    for outcome in outcomes:
        tenth = min(int(outcome.probability * BIN_COUNT), BIN_COUNT - 1)
        tenths[tenth].append(outcome)
    return [_build_bin(tenth) for tenth in tenths if tenth]


def _build_bin(outcomes: Sequence[Outcome]) -> CalibrationBin:
    count = len(outcomes)
    probability = sum(outcome.probability for outcome in outcomes) / count
    accuracy = sum(outcome.is_correct for outcome in outcomes) / count
    return CalibrationBin(count, probability, accuracy)


def compute_calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Return the expected gap between probability and truth, over tenths weighted by their counts (Naeini et al., 2015)."""
    gaps = [bin_.count * abs(bin_.probability - bin_.accuracy) for bin_ in compute_calibration_bins(outcomes)]
    return sum(gaps) / max(1, len(outcomes))


def compute_metrics(outcomes: Sequence[Outcome]) -> LinkMetrics:
    """Count outcomes against the truth."""
    published = [outcome for outcome in outcomes if outcome.decision.band is Band.AUTO]
    matchable = [outcome for outcome in outcomes if outcome.example.is_matchable]
    return LinkMetrics(
        examples=len(outcomes),
        published=len(published),
        wrong=sum(not outcome.is_correct for outcome in published),
        reviewed=sum(outcome.decision.band is Band.REVIEW for outcome in outcomes),
        matchable=len(matchable),
        linked=sum(outcome.is_correct and outcome.decision.band is Band.AUTO for outcome in matchable),
        missed=sum(outcome.decision.band is Band.NONE for outcome in matchable),
        calibration_error=compute_calibration_error(outcomes),
    )


@dataclass(frozen=True, slots=True)
class VetoMetrics:
    """Say what a veto costs and what it is worth, on examples whose most probable film it bears on.

    Of `flagged` examples, `right` are right all the same; `published` of them reach the probability that the veto yields to,
    and `published_right` of these are right. `cost` counts the films of the base that it keeps from being published.
    """

    code: ReasonCode
    flagged: int
    right: int
    published: int
    published_right: int

    @property
    def cost(self) -> int:
        """Return how many right links the veto holds back."""
        return self.right - self.published_right


def compute_veto_metrics(outcomes: Sequence[Outcome]) -> list[VetoMetrics]:
    """Return what each veto costs, the costliest first."""
    outcomes_by_code: dict[ReasonCode, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.decision.reasons and outcome.decision.reasons[0].code in VETO_CODES:
            outcomes_by_code.setdefault(outcome.decision.reasons[0].code, []).append(outcome)
    metrics = [_build_veto_metrics(code, flagged) for code, flagged in outcomes_by_code.items()]
    return sorted(metrics, key=lambda veto: (-veto.cost, veto.code))


def _build_veto_metrics(code: ReasonCode, flagged: Sequence[Outcome]) -> VetoMetrics:
    published = [outcome for outcome in flagged if outcome.decision.band is Band.AUTO]
    return VetoMetrics(
        code=code,
        flagged=len(flagged),
        right=sum(outcome.is_correct for outcome in flagged),
        published=len(published),
        published_right=sum(outcome.is_correct for outcome in published),
    )
