"""How sure a measured share is."""

from math import comb


def lower_bound(right: int, tried: int, confidence: float = 0.95) -> float:
    """The one-sided Clopper-Pearson lower bound of a share: `right` out of `tried`."""
    if not right:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _at_least(right, tried, middle) > 1 - confidence else (middle, high)
    return low


def _at_least(right: int, tried: int, share: float) -> float:
    """The chance of at least `right` successes in `tried`, at a given share."""
    missed = range(tried - right + 1)
    return float(sum(comb(tried, miss) * (1 - share) ** miss * share ** (tried - miss) for miss in missed))
