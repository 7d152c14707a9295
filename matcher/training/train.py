"""Train a model: fit its weights, fix the threshold of the automatic band by a confidence bound, and measure the result.

Fitting, fixing and measuring never use the same examples: each fold is decided by a model and a threshold that never saw it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.common.confidence import lower_bound
from domain.common.errors import UserError
from matcher.assignment.entries import assign_one_to_one
from matcher.candidates import rank_by_probability
from matcher.decision import Band, EntryDecision, decide_entry
from matcher.explanations import format_number
from matcher.model import Bands, Model
from matcher.training.examples import FOLD_COUNT, Example
from matcher.training.fitting import RIDGE, Weights, fit_weights

TARGET_PRECISION = 0.997
_THRESHOLDS = tuple(step / 100 for step in range(99, 49, -1))
"""From strict to lax."""
_REVIEW_THRESHOLD = 0.1
_IDENTIFIER_WEIGHTS = {"same": 6.0, "different": -4.0}
"""Not learnt, as no labelled set has identifiers: one that agrees needs another agreement, one that differs outweighs a title."""
ReportLine = Callable[[str], None]


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


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The model to use, the outcomes of all examples by folds, and those of each set held out in turn, by its name."""

    model: Model
    outcomes: list[Outcome]
    held_out_outcomes: dict[str, list[Outcome]]


def train(examples: Sequence[Example], progress: ReportLine) -> TrainingResult:
    """Fit a model on all the examples, and measure it on folds and on sets that were held out.

    Raise UserError when there are too few examples for every fold to have some.
    """
    if len({example.fold for example in examples}) < FOLD_COUNT:
        raise UserError(f"{len(examples)} exemples : trop peu pour apprendre")
    outcomes = _cross_validate(examples, progress)
    model = make_model(fit_weights(examples), choose_threshold(outcomes), _describe_examples(examples))
    return TrainingResult(model, _apply_fold_thresholds(outcomes), _evaluate_held_out_sets(examples, progress))


def make_model(weights: Weights, auto_threshold: float, about: Sequence[str] = ()) -> Model:
    """Return a model of fitted weights, with those of identifiers, dated today."""
    return Model(
        version=datetime.now(UTC).date().isoformat(),
        about=list(about),
        bias=weights.bias,
        weights={"identifier": _IDENTIFIER_WEIGHTS, **weights.by_level},
        bands=Bands(auto=auto_threshold, review=_REVIEW_THRESHOLD),
    )


def decide_examples(examples: Sequence[Example], model: Model) -> list[Outcome]:
    """Decide examples, set by set, each film linked to one entry of a set."""
    outcomes = []
    for set_examples in _group_by_set(examples).values():
        decisions = [
            decide_entry(example.entry, rank_by_probability(example.films, example.vectors, model), model)
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


def choose_threshold(outcomes: Sequence[Outcome]) -> float:
    """Return the laxest threshold that keeps the precision's bound over the target.

    Thresholds are tried from strict to lax, up to the first that fails (fixed-sequence testing). The outcomes were decided
    under the laxest threshold of all, so that only vetoes keep a film from being published. Raise UserError when no
    threshold keeps the bound, or too few examples can tell.
    """
    chosen = None
    for threshold in _THRESHOLDS:
        published = [outcome for outcome in outcomes if outcome.decision.band is Band.AUTO and outcome.probability >= threshold]
        count = len(published)
        if lower_bound(count, count) < TARGET_PRECISION:
            continue  # too few to tell, even if all were right
        correct_count = sum(outcome.is_correct for outcome in published)
        if lower_bound(correct_count, count) < TARGET_PRECISION:
            break
        chosen = threshold
    if chosen is None:
        target = format_number(TARGET_PRECISION, 3)
        raise UserError(f"{len(outcomes)} exemples : aucun seuil ne garde la borne au-dessus de {target}")
    return chosen


def _cross_validate(examples: Sequence[Example], progress: ReportLine) -> list[Outcome]:
    """Decide each fold with a model fitted on the others, under the laxest threshold."""
    outcomes = []
    for fold in range(FOLD_COUNT):
        weights = fit_weights([example for example in examples if example.fold != fold])
        model = make_model(weights, _THRESHOLDS[-1])
        outcomes += decide_examples([example for example in examples if example.fold == fold], model)
        progress(f"pli {fold + 1} sur {FOLD_COUNT}")
    return outcomes


def _apply_fold_thresholds(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Decide each fold again under the threshold chosen on the other folds."""
    decided = []
    for fold in range(FOLD_COUNT):
        threshold = choose_threshold([outcome for outcome in outcomes if outcome.example.fold != fold])
        decided += [_apply_threshold(outcome, threshold) for outcome in outcomes if outcome.example.fold == fold]
    return decided


def _apply_threshold(outcome: Outcome, threshold: float) -> Outcome:
    decision = outcome.decision
    if decision.band is Band.AUTO and outcome.probability < threshold:
        decision = replace(decision, band=Band.REVIEW, doubt="probability")
    return Outcome(outcome.example, decision)


def _evaluate_held_out_sets(examples: Sequence[Example], progress: ReportLine) -> dict[str, list[Outcome]]:
    """Decide each set with a model and a threshold that saw the other sets only, as for a platform never seen."""
    outcomes_by_set: dict[str, list[Outcome]] = {}
    examples_by_set = _group_by_set(examples)
    if len(examples_by_set) < 2:
        return outcomes_by_set
    for name, set_examples in examples_by_set.items():
        others = [example for example in examples if example.source != name]
        threshold = choose_threshold(_cross_validate(others, lambda line: None))
        model = make_model(fit_weights(others), threshold)
        outcomes_by_set[name] = decide_examples(set_examples, model)
        progress(f"sans {name} : seuil {threshold:.2f}")
    return outcomes_by_set


def _describe_examples(examples: Sequence[Example]) -> list[str]:
    """Return what the file of a model says about its fitting, in French."""
    counts = Counter(example.source for example in examples)
    sets = ", ".join(f"{name} ({count} entrées)" for name, count in counts.items())
    return [
        "Un poids est un logarithme de cote : le score est la somme du biais et des poids ; un niveau absent ne pèse rien.",
        "Probabilité d'un film : exp(score) / (1 + somme des exp(score)) ; le 1 est « aucun film de la base ».",
        f"Poids : régression logistique conditionnelle (crête {format_number(RIDGE, 0)}), à une décimale, sur {sets}.",
        "« identifier » : poids fixé par jugement, non appris.",
    ]
