"""What makes a run believable."""

import pytest

from records.checks import Expect, RunCounts, doubts, surprises
from records.vocabulary import Outcome

GOOD = RunCounts(rows=100, kept=100, filled={"directors": 98})


def reasons(
    counts: RunCounts = GOOD, last: int | None = None, outcome: Outcome = Outcome.COMPLETE, **expected: object
) -> list[str]:
    return doubts(Expect.model_validate(expected), outcome, counts, last)


def test_a_good_run_raises_no_doubt() -> None:
    assert reasons(last=105, min=90, fill={"directors": 0.95}) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (reasons(min=101), "100 titres gardés, 101 attendus au moins"),
        (reasons(last=200), "baisse de 50 %"),
        (reasons(fill={"directors": 0.99}), "champ « directors » rempli à 98 %"),
        (reasons(RunCounts(rows=100, kept=90, unmapped=10)), "10 lignes illisibles sur 100"),
        (reasons(RunCounts(rows=50, kept=50, announced=100)), "50 lignes reçues sur 100 annoncées"),
        (reasons(RunCounts()), "0 titre gardé"),
        (reasons(outcome=Outcome.FAILED), "collecte en échec"),
    ],
)
def test_each_doubt_says_what_was_seen_and_expected(found: list[str], said: str) -> None:
    assert any(said in reason for reason in found)


def test_shares_are_told_finely_enough_to_differ() -> None:
    assert reasons(RunCounts(rows=1000, kept=1000, unmapped=10), unmapped=0.005) == ["10 lignes illisibles sur 1000, 0,5 % admis"]


def test_too_many_lines_only_warn() -> None:
    assert reasons(max=50) == []
    assert surprises(Expect(max=50), GOOD) == ["100 titres gardés, 50 attendus au plus"]
