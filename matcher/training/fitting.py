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

from matcher.comparisons import LEVELS, SILENT
from matcher.training.examples import Example

RIDGE = 1.0
_ROUNDS = 400
_LEARNT = {
    (clue, str(level)): place
    for place, (clue, level) in enumerate(
        (clue, level) for clue, levels in LEVELS.items() if clue != "identifier" for level in levels if level not in SILENT
    )
}
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """The bias, and a weight by clue and level."""

    bias: float
    by_level: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every pair of an entry and a film as a row of 0 and 1; `owners` are the entries' places, `right` whether it is the film."""

    rows: csr_array
    owners: npt.NDArray[np.int64]
    right: npt.NDArray[np.bool_]
    entries: int


def _pairs(examples: Sequence[Example]) -> _Pairs:
    columns: list[int] = []
    ends, owners, right = [0], [], []
    for place, example in enumerate(examples):
        for film, clues in zip(example.films, example.clues, strict=True):
            found = (_LEARNT.get(pair) for pair in zip(clues._fields, clues, strict=True))
            columns += [column for column in found if column is not None]
            ends.append(len(columns))
            owners.append(place)
            right.append(film.id in example.right)
    rows = csr_array((np.ones(len(columns)), columns, ends), shape=(len(owners), len(_LEARNT)))
    return _Pairs(rows, np.array(owners, dtype=np.int64), np.array(right, dtype=np.bool_), len(examples))


def _loss(weights: Vector, pairs: _Pairs) -> tuple[float, Vector]:
    """Minus the log-likelihood of the right answers, ridge included, and its slope."""
    scores = pairs.rows @ weights[:-1] + weights[-1]
    highest = np.zeros(pairs.entries)
    np.maximum.at(highest, pairs.owners, scores)
    odds = np.exp(scores - highest[pairs.owners])
    total = np.bincount(pairs.owners, odds, minlength=pairs.entries) + np.exp(-highest)
    favoured = np.bincount(pairs.owners, odds * pairs.right, minlength=pairs.entries)
    found = favoured > 0
    nothing_right = np.where(found, favoured, np.exp(-highest))
    loss = float(np.log(total).sum() - np.log(nothing_right).sum()) + RIDGE * float(weights[:-1] @ weights[:-1]) / 2
    expected = odds / total[pairs.owners]
    observed = np.where(pairs.right, odds / np.where(found, favoured, 1)[pairs.owners], 0)
    slope = pairs.rows.T @ (expected - observed) + RIDGE * weights[:-1]
    return loss, np.append(slope, (expected - observed).sum())


def fit(examples: Sequence[Example]) -> Weights:
    """The weights that make the right answers of the examples most likely, to one decimal: what is read is what is used."""
    start = np.zeros(len(_LEARNT) + 1)
    found = minimize(_loss, start, (_pairs(examples),), "L-BFGS-B", jac=True, options={"maxiter": _ROUNDS}).x
    by_level: dict[str, dict[str, float]] = {}
    for (clue, level), place in _LEARNT.items():
        if weight := round(float(found[place]), 1):
            by_level.setdefault(clue, {})[level] = weight
    return Weights(round(float(found[-1]), 1), by_level)
