"""How sure a measured share is: the exact bounds of Clopper and Pearson (1934)."""

from scipy.special import betaincinv


def lower_bound(successes: int, trials: int, risk: float = 0.05) -> float:
    """The share that the true one is under with at most this risk: 299 of 299 at 5 % give 0.99."""
    return float(betaincinv(successes, trials - successes + 1, risk)) if successes else 0.0


def upper_bound(successes: int, trials: int, risk: float = 0.05) -> float:
    """The share that the true one is over with at most this risk."""
    return 1 - lower_bound(trials - successes, trials, risk)
