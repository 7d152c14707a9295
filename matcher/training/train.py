"""Train a model: fit its weights, fix the threshold of the automatic band by a confidence bound, and measure the result.

Fitting, fixing and measuring never use the same examples: each fold is decided by a model and a threshold that never saw it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from domain.common.confidence import lower_bound
from domain.common.enums import ReasonCode
from domain.common.errors import UserError
from matcher.assignment.entries import assign_one_to_one
from matcher.candidates import rank_by_probability
from matcher.decision import Band, EntryDecision, decide_entry
from matcher.explanations import format_number
from matcher.model import Bands, Model
from matcher.training.examples import FOLD_COUNT, Example, TrainingData
from matcher.training.fitting import RIDGE, WeightFitter, Weights

TARGET_PRECISION = 0.998
STRICT_TARGET_PRECISION = 0.97
"""The few films that a veto flags cannot prove more; those that are wrong count in the other target too."""
_THRESHOLDS = tuple(step / 100 for step in range(99, 49, -1))
_STRICT_THRESHOLDS = tuple(step / 100 for step in range(97, 89, -1))
"""Both from strict to lax."""
_REVIEW_THRESHOLD = 0.1
_IDENTIFIER_WEIGHTS = {"same": 7.5, "likely": 2.0, "different": -4.0}
"""Not learnt, as no labelled set has identifiers: one that agrees needs another agreement, one that differs outweighs a title."""
ReportLine = Callable[[str], None]


class Thresholds(NamedTuple):
    """The minimum probabilities of a film published without a person: without a doubt, and despite one that yields."""

    auto: float
    strict: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision about an example by a model that never saw it."""

    example: Example
    decision: EntryDecision

    @property
    def is_correct(self) -> bool:
        """Return whether the most probable film is right."""
        best = self.decision.best
        return best is not None and best.film_id in self.example.true_film_ids

    @property
    def probability(self) -> float:
        """Return the probability of the most probable film; 0 when there is none."""
        return self.decision.best.probability if self.decision.best else 0.0

    @property
    def is_flagged(self) -> bool:
        """Return whether a veto that yields applies."""
        return any(reason.code is ReasonCode.ABOVE_STRICT for reason in self.decision.reasons)

    def is_published(self, auto: float, strict: float) -> bool:
        """Return whether the film is published under two thresholds, each no laxer than that of the decision."""
        return self.decision.band is Band.AUTO and self.probability >= (strict if self.is_flagged else auto)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The model to use, the outcomes of all examples by folds, and those of each set held out in turn, by its name.

    `apart_outcomes` are those of the examples that are measured on their own, by folds too.
    """

    model: Model
    outcomes: list[Outcome]
    apart_outcomes: list[Outcome]
    held_out_outcomes: dict[str, list[Outcome]]


def train(data: TrainingData, progress: ReportLine) -> TrainingResult:
    """Fit a model on all the examples, and measure it on folds and on sets that were held out.

    Raise UserError when there are too few examples for every fold to have some.
    """
    examples = data.examples
    if len({example.fold for example in examples}) < FOLD_COUNT:
        raise UserError(f"{len(examples)} exemples : trop peu pour apprendre")
    fitter = WeightFitter([*examples, *data.variants])
    all_outcomes = _cross_validate(fitter, [*examples, *data.apart], progress)
    apart_sources = {example.source for example in data.apart}
    outcomes = [outcome for outcome in all_outcomes if outcome.example.source not in apart_sources]
    thresholds = choose_thresholds(outcomes)
    apart = [_apply_thresholds(outcome, thresholds) for outcome in all_outcomes if outcome.example.source in apart_sources]
    model = make_model(fitter.fit(), thresholds, _describe_examples(data), data.year_shares)
    held_out = _evaluate_held_out_sets(fitter, examples, progress)
    return TrainingResult(model, _apply_fold_thresholds(outcomes), apart, held_out)


def make_model(
    weights: Weights, thresholds: Thresholds, about: Sequence[str] = (), year_shares: Mapping[str, float] | None = None
) -> Model:
    """Return a model of fitted weights, with those of identifiers, dated today."""
    return Model(
        version=datetime.now(UTC).date().isoformat(),
        about=list(about),
        bias=weights.bias,
        weights={"identifier": _IDENTIFIER_WEIGHTS, **weights.by_level},
        bands=Bands(auto=thresholds.auto, strict=thresholds.strict, review=_REVIEW_THRESHOLD),
        year_shares=dict(year_shares or {}),
    )


def decide_examples(examples: Sequence[Example], model: Model) -> list[Outcome]:
    """Decide examples, set by set, each film linked to one entry of a set."""
    outcomes = []
    for set_examples in _group_by_set(examples).values():
        decisions = [
            decide_entry(
                example.entry,
                rank_by_probability(example.films, example.vectors, model, example.habits),
                model,
                habits=example.habits,
            )
            for example in set_examples
        ]
        assigned = assign_one_to_one([example.entry for example in set_examples], decisions)
        outcomes += [Outcome(example, decision) for example, decision in zip(set_examples, assigned, strict=True)]
    return outcomes


def _group_by_set(examples: Sequence[Example]) -> dict[str, list[Example]]:
    by_set: dict[str, list[Example]] = {}
    for example in examples:
        by_set.setdefault(example.source, []).append(example)
    return by_set


def choose_thresholds(outcomes: Sequence[Outcome]) -> Thresholds:
    """Return the laxest thresholds that keep the bounds of precision over their targets.

    First the strict one, on films that a veto flags, alone; then the ordinary one, on all that would be published. Thresholds
    are tried from strict to lax, up to the first that fails (fixed-sequence testing). The outcomes were decided under the
    laxest thresholds of all, so that only vetoes keep a film from being published. Raise UserError when no threshold keeps
    the bound, or too few examples can tell.
    """
    flagged = [outcome for outcome in outcomes if outcome.is_flagged]
    strict = _choose_threshold(flagged, _STRICT_THRESHOLDS, STRICT_TARGET_PRECISION) or 1.0
    publishable = [outcome for outcome in outcomes if not outcome.is_flagged or outcome.probability >= strict]
    auto = _choose_threshold(publishable, _THRESHOLDS, TARGET_PRECISION)
    if auto is None:
        target = format_number(TARGET_PRECISION, 3)
        raise UserError(f"{len(outcomes)} exemples : aucun seuil ne garde la borne au-dessus de {target}")
    return Thresholds(auto, max(auto, strict))


def _choose_threshold(outcomes: Sequence[Outcome], thresholds: Sequence[float], target: float) -> float | None:
    chosen = None
    for threshold in thresholds:
        published = [outcome for outcome in outcomes if outcome.is_published(threshold, threshold)]
        count = len(published)
        if lower_bound(count, count) < target:
            continue  # too few to tell, even if all were right
        correct_count = sum(outcome.is_correct for outcome in published)
        if lower_bound(correct_count, count) < target:
            break
        chosen = threshold
    return chosen


def _cross_validate(fitter: WeightFitter, examples: Sequence[Example], progress: ReportLine, held_out: str = "") -> list[Outcome]:
    """Decide each fold of all sets but one with a model fitted on the other folds, under the laxest thresholds."""
    outcomes = []
    for fold in range(FOLD_COUNT):
        weights = fitter.fit([fold], held_out)
        model = make_model(weights, Thresholds(_THRESHOLDS[-1], _STRICT_THRESHOLDS[-1]))
        outcomes += decide_examples(
            [example for example in examples if example.fold == fold and example.source != held_out], model
        )
        progress(f"pli {fold + 1} sur {FOLD_COUNT}")
    return outcomes


def _apply_fold_thresholds(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Decide each fold again under the thresholds chosen on the other folds."""
    decided = []
    for fold in range(FOLD_COUNT):
        thresholds = choose_thresholds([outcome for outcome in outcomes if outcome.example.fold != fold])
        decided += [_apply_thresholds(outcome, thresholds) for outcome in outcomes if outcome.example.fold == fold]
    return decided


def _apply_thresholds(outcome: Outcome, thresholds: Thresholds) -> Outcome:
    decision = outcome.decision
    if decision.band is not Band.AUTO or outcome.is_published(*thresholds):
        return outcome
    reasons = [reason for reason in decision.reasons if reason.code is not ReasonCode.ABOVE_STRICT]
    return Outcome(outcome.example, replace(decision, band=Band.REVIEW, reasons=tuple(reasons), doubt="probability"))


def _evaluate_held_out_sets(fitter: WeightFitter, examples: Sequence[Example], progress: ReportLine) -> dict[str, list[Outcome]]:
    """Decide each set with a model and thresholds that saw the other sets only, as for a platform never seen."""
    outcomes_by_set: dict[str, list[Outcome]] = {}
    examples_by_set = _group_by_set(examples)
    if len(examples_by_set) < 2:
        return outcomes_by_set
    for name, set_examples in examples_by_set.items():
        thresholds = choose_thresholds(_cross_validate(fitter, examples, lambda line: None, held_out=name))
        weights = fitter.fit(held_out_set=name)
        outcomes_by_set[name] = decide_examples(set_examples, make_model(weights, thresholds))
        progress(f"sans {name} : seuils {thresholds.auto:.2f} et {thresholds.strict:.2f}")
    return outcomes_by_set


def _describe_examples(data: TrainingData) -> list[str]:
    """Return what the file of a model says about its fitting, in French."""
    counts = Counter(example.source for example in data.examples)
    sets = ", ".join(f"{name} ({count} entrées)" for name, count in counts.items())
    return [
        "Un poids est un logarithme de cote : le score est la somme du biais et des poids ; un niveau absent ne pèse rien.",
        "Probabilité d'un film : exp(score) / (1 + somme des exp(score)) ; le 1 est « aucun film de la base ».",
        f"Poids : régression logistique conditionnelle (crête {format_number(RIDGE, 0)}), à une décimale, sur {sets}.",
        f"S'y ajoutent {len(data.variants)} copies appauvries (faits ôtés, années et durées faussées), de poids moindre.",
        "« identifier » : poids fixé par jugement, non appris.",
    ]
