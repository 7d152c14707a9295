"""Training: weights by folds, the threshold of the automatic band by a confidence bound on folds not used for fitting."""

from collections import Counter, defaultdict
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
_REVIEW_THRESHOLD = 0.1
# No labelled set has identifiers: a number that agrees needs one more clue, one that differs outweighs a title.
_IDENTIFIER_WEIGHTS = {"same": 6.0, "different": -4.0}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model that never saw an example decided of it."""

    example: Example
    decision: EntryDecision

    @property
    def is_correct(self) -> bool:
        """Whether the film put first is right."""
        return bool(self.decision.proposals) and self.decision.proposals[0].film_id in self.example.true_film_ids

    @property
    def probability(self) -> float:
        """That of the film put first."""
        return self.decision.proposals[0].probability if self.decision.proposals else 0.0


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The model to ship; what each example became under a model and a threshold that never saw it; the same by set left out."""

    model: Model
    outcomes: list[Outcome]
    held_out_outcomes: dict[str, list[Outcome]]


def make_model(weights: Weights, auto: float, about: Sequence[str] = ()) -> Model:
    """A model of these weights, the identifiers' added."""
    return Model(
        version=datetime.now(UTC).date().isoformat(),
        about=list(about),
        bias=weights.bias,
        weights={"identifier": _IDENTIFIER_WEIGHTS, **weights.by_level},
        bands=Bands(auto=auto, review=_REVIEW_THRESHOLD),
    )


def decide_examples(examples: Sequence[Example], model: Model) -> list[Outcome]:
    """What a model decides of examples, set by set, one entry a film."""
    sets: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        sets[example.source].append(example)
    outcomes = []
    for some in sets.values():
        alone = [
            decide_entry(example.entry, rank_by_probability(example.films, example.vectors, model), model) for example in some
        ]
        settled = assign_one_to_one([example.entry for example in some], alone)
        outcomes += [Outcome(example, decision) for example, decision in zip(some, settled, strict=True)]
    return outcomes


def choose_threshold(outcomes: Sequence[Outcome]) -> float:
    """The laxest threshold that keeps the bound: from strict to lax, stopping at the first that fails (fixed-sequence testing).

    The outcomes were decided under the laxest threshold of all, so that only vetoes keep a film from being published.
    Raises Problem when no threshold keeps the bound, or too few examples can tell.
    """
    passed = None
    for threshold in _THRESHOLDS:
        published = [found for found in outcomes if found.decision.band is Band.AUTO and found.probability >= threshold]
        if lower_bound(len(published), len(published)) < TARGET_PRECISION:
            continue  # too few to tell, were they all right
        if lower_bound(sum(found.is_correct for found in published), len(published)) < TARGET_PRECISION:
            break
        passed = threshold
    if passed is None:
        raise UserError(
            f"{len(outcomes)} exemples : aucun seuil ne garde la borne au-dessus de {format_number(TARGET_PRECISION, 3)}"
        )
    return passed


def _cross_validate(examples: Sequence[Example], progress: Callable[[str], None]) -> list[Outcome]:
    """Each fold decided by a model fitted on the others, under the laxest threshold."""
    outcomes = []
    for fold in range(FOLD_COUNT):
        weights = fit_weights([example for example in examples if example.fold != fold])
        lax = make_model(weights, _THRESHOLDS[-1])
        outcomes += decide_examples([example for example in examples if example.fold == fold], lax)
        progress(f"pli {fold + 1} sur {FOLD_COUNT}")
    return outcomes


def _apply_fold_thresholds(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Each fold under the threshold fixed on the other folds."""
    found = []
    for fold in range(FOLD_COUNT):
        threshold = choose_threshold([outcome for outcome in outcomes if outcome.example.fold != fold])
        found += [_apply_threshold(outcome, threshold) for outcome in outcomes if outcome.example.fold == fold]
    return found


def _apply_threshold(outcome: Outcome, threshold: float) -> Outcome:
    decision = outcome.decision
    if decision.band is Band.AUTO and outcome.probability < threshold:
        decision = replace(decision, band=Band.REVIEW, doubt="probability")
    return Outcome(outcome.example, decision)


def _evaluate_held_out_sets(examples: Sequence[Example], progress: Callable[[str], None]) -> dict[str, list[Outcome]]:
    """Each set decided by a model and a threshold that saw the other sets only: what a platform never seen may expect."""
    found = {}
    sources = dict.fromkeys(example.source for example in examples)
    for source in sources if len(sources) > 1 else ():
        others = [example for example in examples if example.source != source]
        threshold = choose_threshold(_cross_validate(others, lambda line: None))
        model = make_model(fit_weights(others), threshold)
        found[source] = decide_examples([example for example in examples if example.source == source], model)
        progress(f"sans {source} : seuil {threshold:.2f}")
    return found


def _describe_examples(examples: Sequence[Example]) -> list[str]:
    """What a model was fitted on, for whoever reads its file."""
    counts = Counter(example.source for example in examples)
    told = ", ".join(f"{source} ({count} entrées)" for source, count in counts.items())
    return [
        "Un poids est un logarithme de cote : le score est la somme du biais et des poids ; un niveau absent ne pèse rien.",
        "Probabilité d'un film : exp(score) / (1 + somme des exp(score)) ; le 1 est « aucun film de la base ».",
        f"Poids : régression logistique conditionnelle (crête {format_number(RIDGE, 0)}), à une décimale, sur {told}.",
        "« identifier » : poids fixé par jugement, non appris.",
    ]


def train(examples: Sequence[Example], progress: Callable[[str], None]) -> TrainingResult:
    """Fits on all the examples; measures on folds, and on sets, that were left out of both fitting and fixing.

    Raises Problem when there are too few examples for every fold to have some.
    """
    if len({example.fold for example in examples}) < FOLD_COUNT:
        raise UserError(f"{len(examples)} exemples : trop peu pour apprendre")
    outcomes = _cross_validate(examples, progress)
    model = make_model(fit_weights(examples), choose_threshold(outcomes), _describe_examples(examples))
    return TrainingResult(model, _apply_fold_thresholds(outcomes), _evaluate_held_out_sets(examples, progress))
