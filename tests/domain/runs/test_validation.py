"""Reasons to hold a run."""

import pytest

from domain.common.enums import Access, Outcome
from domain.runs.hold_reasons import format_hold_reasons
from domain.runs.validation import RunCounts, RunExpectations, check_counts, is_unusual_price

GOOD = RunCounts(rows=100, kept=100, filled={"directors": 98})


def check(
    counts: RunCounts = GOOD, last: int | None = None, outcome: Outcome = Outcome.COMPLETE, **expected: object
) -> list[str]:
    baseline = RunCounts(kept=last) if last else None
    return format_hold_reasons(check_counts(RunExpectations.model_validate(expected), outcome, counts, baseline))


def test_a_good_run_raises_no_doubt() -> None:
    assert check(last=105, min=90, fill={"directors": 0.95}) == []


@pytest.mark.parametrize(
    ("phrases", "expected"),
    [
        (check(min=101), "100 titres gardés, 101 attendus au moins"),
        (check(last=200), "baisse de 50 %"),
        (check(fill={"directors": 0.99}), "champ « directors » rempli à 98 %"),
        (check(RunCounts(rows=100, kept=90, unmapped=10)), "10 lignes illisibles sur 100"),
        (check(RunCounts(rows=50, kept=50, announced=100)), "50 lignes reçues pour 100 annoncées"),
        (check(RunCounts(rows=60, kept=60, announced=45)), "60 lignes reçues pour 45 annoncées"),
        (check(max=99), "100 titres gardés, 99 attendus au plus"),
        (check(RunCounts(rows=100, kept=100, unknown_words=6)), "6 lignes au mot inconnu sur 100, 5 % admis"),
        (check(RunCounts(rows=90, kept=90, duplicates=10)), "10 lignes en double sur 100, 5 % admis"),
        (check(RunCounts(rows=100, kept=100, strange_prices=6)), "6 titres au prix inhabituel sur 100, 5 % admis"),
        (
            check(RunCounts(rows=100, kept=100, retitled=11)),
            "11 titres sous un autre nom qu'à la dernière collecte sur 100",
        ),
        (check(RunCounts(rows=95, kept=95, listed=100, missed=3)), "3 pages en échec sur 100, 2 % admis"),
        (check(RunCounts(rows=85, kept=85, listed=100, gone=15)), "15 pages retirées sur 100, 10 % admis"),
        (check(RunCounts()), "0 titre gardé"),
        (check(outcome=Outcome.FAILED), "collecte en échec"),
    ],
)
def test_each_doubt_says_what_was_seen_and_expected(phrases: list[str], expected: str) -> None:
    assert any(expected in reason for reason in phrases)


def test_shares_are_told_finely_enough_to_differ() -> None:
    assert check(RunCounts(rows=1000, kept=1000, unmapped=10), unmapped=0.005) == ["10 lignes illisibles sur 1000, 0,5 % admis"]


def test_offers_that_vanish_are_a_fall_too() -> None:
    before, now = RunCounts(kept=100, offers=150), RunCounts(rows=100, kept=100, offers=30)
    assert format_hold_reasons(check_counts(RunExpectations(), Outcome.COMPLETE, now, before)) == [
        "30 offres contre 150 récemment : baisse de 80 %, 10 % admis"
    ]


def test_a_little_of_each_fault_is_admitted() -> None:
    counts = RunCounts(
        rows=100, kept=100, duplicates=1, unknown_words=5, strange_prices=5, unmapped=2, listed=100, missed=2, gone=10,
        announced=100,
    )  # fmt: skip
    assert check(counts) == []


@pytest.mark.parametrize(
    ("access", "cents", "strange"),
    [
        (Access.RENT, 299, False),
        (Access.RENT, 4500, True),
        (Access.BUY, 99, True),
        (Access.SUBSCRIPTION, 899, True),
        (Access.SUBSCRIPTION, None, False),
        (Access.FREE, 0, False),
    ],
)
def test_a_price_out_of_the_usual_is_strange(access: Access, cents: int | None, strange: bool) -> None:
    assert is_unusual_price(access, cents) is strange
