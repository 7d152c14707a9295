"""Fit match weights: a conditional logistic model, by maximum likelihood with a small ridge.

The candidates of an entry compete with each other and with « no film », whose score is 0 (McFadden, 1973). Levels that
tell nothing have no weight, so that the same weights judge films with fewer facts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_array

from matcher.comparisons.levels import NEUTRAL_LEVELS
from matcher.comparisons.pair import COMPARISON_LEVELS
from matcher.model import sum_adjustments
from matcher.training.examples import Example

RIDGE = 1.0
_MAX_ITERATIONS = 400
_UNFITTED_COMPARISON = "identifier"
_UNFITTED_FEATURES = (("kind", "same"), ("kind", "series"))
"""Which sets give kinds says more of their films than of a pair."""


def _list_features() -> list[tuple[str, str]]:
    """Return the comparisons and levels that have a fitted weight, in the order of the columns."""
    return [
        (comparison, str(level))
        for comparison, levels in COMPARISON_LEVELS.items()
        for level in levels
        if comparison != _UNFITTED_COMPARISON
        and level not in NEUTRAL_LEVELS
        and (comparison, str(level)) not in _UNFITTED_FEATURES
    ]


_COLUMN_BY_FEATURE = {feature: column for column, feature in enumerate(_list_features())}
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """The bias, and the match weights by comparison and level."""

    bias: float
    by_level: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class _DesignMatrix:
    """Every pair of an entry and a candidate as a row of 0 and 1.

    Each pair has the entry's position, whether the film is right, and what the catalogue's habits add to its score.
    """

    features: csr_array
    entry_positions: npt.NDArray[np.int64]
    is_match: npt.NDArray[np.bool_]
    habit_scores: FloatArray
    entry_weights: FloatArray

    def select_entries(self, is_selected: npt.NDArray[np.bool_]) -> "_DesignMatrix":
        """Return the matrix of the entries selected, in their order."""
        rows = is_selected[self.entry_positions]
        new_positions = np.cumsum(is_selected) - 1
        return _DesignMatrix(
            self.features[rows],
            new_positions[self.entry_positions[rows]],
            self.is_match[rows],
            self.habit_scores[rows],
            self.entry_weights[is_selected],
        )


def _build_design_matrix(examples: Sequence[Example]) -> _DesignMatrix:
    columns: list[int] = []
    row_ends = [0]
    entry_positions: list[int] = []
    is_match: list[bool] = []
    habit_scores: list[float] = []
    for position, example in enumerate(examples):
        for film, vector in zip(example.films, example.vectors, strict=True):
            features = zip(vector._fields, vector, strict=True)
            columns += [_COLUMN_BY_FEATURE[feature] for feature in features if feature in _COLUMN_BY_FEATURE]
            row_ends.append(len(columns))
            entry_positions.append(position)
            is_match.append(film.id in example.true_film_ids)
            habit_scores.append(sum_adjustments(vector, example.habits.adjustments))
    shape = (len(entry_positions), len(_COLUMN_BY_FEATURE))
    matrix = csr_array((np.ones(len(columns)), columns, row_ends), shape=shape)
    return _DesignMatrix(
        matrix,
        np.array(entry_positions, dtype=np.int64),
        np.array(is_match, dtype=np.bool_),
        np.array(habit_scores, dtype=np.float64),
        np.array([example.weight for example in examples]),
    )


def _compute_loss(weights: FloatArray, matrix: _DesignMatrix) -> tuple[float, FloatArray]:
    """Return minus the log-likelihood of the truth, ridge included, and its gradient; the last weight is the bias."""
    entries = matrix.entry_positions
    entry_count = len(matrix.entry_weights)
    scores = matrix.features @ weights[:-1] + weights[-1] + matrix.habit_scores
    # Every score is taken relative to the highest one of its entry, so that no exponential overflows.
    highest = np.zeros(entry_count)
    np.maximum.at(highest, entries, scores)
    odds = np.exp(scores - highest[entries])
    no_film_odds = np.exp(-highest)
    total_odds = np.bincount(entries, odds, minlength=entry_count) + no_film_odds
    match_odds = np.bincount(entries, odds * matrix.is_match, minlength=entry_count)
    has_match = match_odds > 0
    true_odds = np.where(has_match, match_odds, no_film_odds)
    losses = np.log(total_odds) - np.log(true_odds)
    loss = float(matrix.entry_weights @ losses) + RIDGE * float(weights[:-1] @ weights[:-1]) / 2
    expected = odds / total_odds[entries]
    observed = np.where(matrix.is_match, odds / np.where(has_match, match_odds, 1)[entries], 0)
    errors = matrix.entry_weights[entries] * (expected - observed)
    return loss, np.append(matrix.features.T @ errors + RIDGE * weights[:-1], errors.sum())


class WeightFitter:
    """Fit weights on any part of a set of examples, whose comparisons are put in a matrix once."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples
        self._matrix = _build_design_matrix(examples)
        self._start = np.zeros(len(_COLUMN_BY_FEATURE) + 1)

    def fit(self, held_out_folds: Collection[int] = (), held_out_set: str = "") -> Weights:
        """Return the weights that make the truth of the examples most likely, but for folds and a set held out.

        They are rounded to one decimal: the model uses what its file shows.
        """
        is_fitted = (example.fold not in held_out_folds and example.source != held_out_set for example in self._examples)
        selected = np.fromiter(is_fitted, dtype=np.bool_)
        arguments = (self._matrix.select_entries(selected),)
        options = {"maxiter": _MAX_ITERATIONS}
        fitted = minimize(_compute_loss, self._start, arguments, "L-BFGS-B", jac=True, options=options).x
        self._start = fitted  # weights of overlapping examples are near
        return _round_weights(fitted)


def _round_weights(fitted: FloatArray) -> Weights:
    by_level: dict[str, dict[str, float]] = {}
    for (comparison, level), column in _COLUMN_BY_FEATURE.items():
        weight = round(float(fitted[column]), 1)
        if weight:
            by_level.setdefault(comparison, {})[level] = weight
    return Weights(round(float(fitted[-1]), 1), by_level)
