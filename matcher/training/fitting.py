"""The weights learnt from examples: a conditional logistic model, fitted by maximum likelihood with a small ridge.

The films put forward for an entry compete with each other and with « no film of the base », whose score is 0
(McFadden, 1973). Levels that tell nothing weigh nothing, so that a base with fewer facts is judged by the same weights.
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
_COLUMN_BY_LEVEL = {
    (clue, str(level)): place
    for place, (clue, level) in enumerate(
        (clue, level)
        for clue, levels in COMPARISON_LEVELS.items()
        if clue != "identifier"
        for level in levels
        if level not in NEUTRAL_LEVELS
    )
}
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """The bias, and a weight by clue and level."""

    bias: float
    by_level: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class _DesignMatrix:
    """Every pair of an entry and a film as a row of 0 and 1; `owners` are the entries' places, `right` whether it is the film."""

    features: csr_array
    entry_positions: npt.NDArray[np.int64]
    is_match: npt.NDArray[np.bool_]
    entry_count: int


def _build_design_matrix(examples: Sequence[Example]) -> _DesignMatrix:
    columns: list[int] = []
    ends, owners, right = [0], [], []
    for place, example in enumerate(examples):
        for film, clues in zip(example.films, example.vectors, strict=True):
            found = (_COLUMN_BY_LEVEL.get(pair) for pair in zip(clues._fields, clues, strict=True))
            columns += [column for column in found if column is not None]
            ends.append(len(columns))
            owners.append(place)
            right.append(film.id in example.true_film_ids)
    rows = csr_array((np.ones(len(columns)), columns, ends), shape=(len(owners), len(_COLUMN_BY_LEVEL)))
    return _DesignMatrix(rows, np.array(owners, dtype=np.int64), np.array(right, dtype=np.bool_), len(examples))


def _compute_loss(weights: FloatArray, matrix: _DesignMatrix) -> tuple[float, FloatArray]:
    """Minus the log-likelihood of the right answers, ridge included, and its slope."""
    scores = matrix.features @ weights[:-1] + weights[-1]
    highest = np.zeros(matrix.entry_count)
    np.maximum.at(highest, matrix.entry_positions, scores)
    odds = np.exp(scores - highest[matrix.entry_positions])
    total = np.bincount(matrix.entry_positions, odds, minlength=matrix.entry_count) + np.exp(-highest)
    favoured = np.bincount(matrix.entry_positions, odds * matrix.is_match, minlength=matrix.entry_count)
    found = favoured > 0
    nothing_right = np.where(found, favoured, np.exp(-highest))
    loss = float(np.log(total).sum() - np.log(nothing_right).sum()) + RIDGE * float(weights[:-1] @ weights[:-1]) / 2
    expected = odds / total[matrix.entry_positions]
    observed = np.where(matrix.is_match, odds / np.where(found, favoured, 1)[matrix.entry_positions], 0)
    slope = matrix.features.T @ (expected - observed) + RIDGE * weights[:-1]
    return loss, np.append(slope, (expected - observed).sum())


def fit_weights(examples: Sequence[Example]) -> Weights:
    """The weights that make the right answers of the examples most likely, to one decimal: what is read is what is used."""
    start = np.zeros(len(_COLUMN_BY_LEVEL) + 1)
    found = minimize(
        _compute_loss, start, (_build_design_matrix(examples),), "L-BFGS-B", jac=True, options={"maxiter": _MAX_ITERATIONS}
    ).x
    by_level: dict[str, dict[str, float]] = {}
    for (clue, level), place in _COLUMN_BY_LEVEL.items():
        if weight := round(float(found[place]), 1):
            by_level.setdefault(clue, {})[level] = weight
    return Weights(round(float(found[-1]), 1), by_level)
