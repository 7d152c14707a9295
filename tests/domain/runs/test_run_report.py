"""Progress and figures of a run, as a person reads them."""

from datetime import timedelta

from domain.models.run import Run
from domain.runs.run_report import format_progress, format_run_table
from domain.runs.validation import RunCounts
from tests.domain.builders import NOON


def test_the_line_counts_what_was_read_and_the_time_left() -> None:
    counts = RunCounts(rows=950, duplicates=30, missed=20, listed=4000)
    assert format_progress(counts, None, 10.0) == "1000 lignes lues sur 4000 (25 %), 100,0 par seconde, encore 30 s"


def test_the_last_accepted_run_tells_how_far_when_nothing_announces_a_total() -> None:
    assert format_progress(RunCounts(rows=50), 7250, 1.0) == "50 lignes lues sur 7250 (0 %), 50,0 par seconde, encore 2 min 24"
    assert format_progress(RunCounts(rows=50), None, 1.0) == "50 lignes lues, 50,0 par seconde"


def test_a_run_that_has_read_nothing_yet_promises_nothing() -> None:
    assert format_progress(RunCounts(), 100, 4.0) == "0 ligne lue sur 100 (0 %)"


def test_more_than_expected_is_not_over_a_hundred_percent() -> None:
    assert format_progress(RunCounts(rows=120), 100, 4.0) == "120 lignes lues sur 100 (100 %), 30,0 par seconde"


def test_the_table_leaves_out_what_did_not_happen() -> None:
    counts = RunCounts(requests=12, rows=10, kept=8, dropped={"série": 2})
    run = Run(platform_id=1, code_version="0", started_at=NOON, ended_at=NOON + timedelta(minutes=65), counts=counts.model_dump())
    names = [row.split("  ")[1] for row in format_run_table(run)]
    assert names == ["requêtes", "lignes reçues", "écartées : série", "titres gardés", "durée"]
    assert format_run_table(run)[-1].endswith("1 h 05")
