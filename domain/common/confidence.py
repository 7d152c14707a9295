"""Compute exact confidence bounds of a measured share, after Clopper and Pearson (1934)."""


def lower_bound(successes: int, trials: int, risk: float = 0.05) -> float:
    """Return the share that the true share is below with at most this risk: 299 of 299 at 5 % give 0.99."""
    from scipy.special import betaincinv  # slow to import, for commands that compute no bound

    return float(betaincinv(successes, trials - successes + 1, risk)) if successes else 0.0


def upper_bound(successes: int, trials: int, risk: float = 0.05) -> float:
    """Return the share that the true share is above with at most this risk."""
    return 1 - lower_bound(trials - successes, trials, risk)
