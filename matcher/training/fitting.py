"""Fit match weights: a conditional logistic model, by maximum likelihood with a small ridge.

The candidates of an entry compete with each other and with « no film », whose score is 0 (McFadden, 1973). Levels that
tell nothing have no weight, so that the same weights judge films with fewer facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_array

from matcher.comparisons.levels import NEUTRAL_LEVELS
from matcher.comparisons.pair import COMPARISON_LEVELS
from matcher.training.examples import Example

RIDGE = 1.0
_MAX_ITERATIONS = 400
_UNFITTED_COMPARISON = "identifier"


def _list_features() -> list[tuple[str, str]]:
    """Return the comparisons and levels that have a fitted weight, in the order of the columns."""
    return [
        (comparison, str(level))
        for comparison, levels in COMPARISON_LEVELS.items()
        for level in levels
        if comparison != _UNFITTED_COMPARISON and level not in NEUTRAL_LEVELS
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
    """Every pair of an entry and a candidate as a row of 0 and 1, with the entry's position and whether the film is right."""

    features: csr_array
    entry_positions: npt.NDArray[np.int64]
    is_match: npt.NDArray[np.bool_]
    entry_count: int


def _build_design_matrix(examples: Sequence[Example]) -> _DesignMatrix:
    columns: list[int] = []
    row_ends = [0]
    entry_positions: list[int] = []
    is_match: list[bool] = []
    for position, example in enumerate(examples):
        for film, vector in zip(example.films, example.vectors, strict=True):
            features = zip(vector._fields, vector, strict=True)
            columns += [_COLUMN_BY_FEATURE[feature] for feature in features if feature in _COLUMN_BY_FEATURE]
            row_ends.append(len(columns))
            entry_positions.append(position)
            is_match.append(film.id in example.true_film_ids)
    shape = (len(entry_positions), len(_COLUMN_BY_FEATURE))
    matrix = csr_array((np.ones(len(columns)), columns, row_ends), shape=shape)
    return _DesignMatrix(matrix, np.array(entry_positions, dtype=np.int64), np.array(is_match, dtype=np.bool_), len(examples))


def _compute_loss(weights: FloatArray, matrix: _DesignMatrix) -> tuple[float, FloatArray]:
    """Return minus the log-likelihood of the truth, ridge included, and its gradient; the last weight is the bias."""
    entries = matrix.entry_positions
    scores = matrix.features @ weights[:-1] + weights[-1]
    # Every score is taken relative to the highest one of its entry, so that no exponential overflows.
    highest = np.zeros(matrix.entry_count)
    np.maximum.at(highest, entries, scores)
    odds = np.exp(scores - highest[entries])
    no_film_odds = np.exp(-highest)
    total_odds = np.bincount(entries, odds, minlength=matrix.entry_count) + no_film_odds
    match_odds = np.bincount(entries, odds * matrix.is_match, minlength=matrix.entry_count)
    has_match = match_odds > 0
    true_odds = np.where(has_match, match_odds, no_film_odds)
    loss = float(np.log(total_odds).sum() - np.log(true_odds).sum()) + RIDGE * float(weights[:-1] @ weights[:-1]) / 2
    expected = odds / total_odds[entries]
    observed = np.where(matrix.is_match, odds / np.where(has_match, match_odds, 1)[entries], 0)
    gradient = matrix.features.T @ (expected - observed) + RIDGE * weights[:-1]
    return loss, np.append(gradient, (expected - observed).sum())


def fit_weights(examples: Sequence[Example]) -> Weights:
    """Return the weights that make the truth most likely, rounded to one decimal: the model uses what its file shows."""
    start = np.zeros(len(_COLUMN_BY_FEATURE) + 1)
    arguments = (_build_design_matrix(examples),)
    fitted = minimize(_compute_loss, start, arguments, "L-BFGS-B", jac=True, options={"maxiter": _MAX_ITERATIONS}).x
    by_level: dict[str, dict[str, float]] = {}
    for (comparison, level), column in _COLUMN_BY_FEATURE.items():
        weight = round(float(fitted[column]), 1)
        if weight:
            by_level.setdefault(comparison, {})[level] = weight
    return Weights(round(float(fitted[-1]), 1), by_level)
