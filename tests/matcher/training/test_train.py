"""Training learns what the examples show, fixes its threshold by a bound, and writes what it did."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from domain.common.enums import ReasonCode
from domain.common.environment import ROOT
from domain.common.errors import UserError
from domain.linking.reasons import Reason
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision, ScoredProposal
from matcher.figures import FIGURES_FILE, load_figures
from matcher.model import load_model, save_model
from matcher.training.examples import FOLD_COUNT, Example, TrainingData, make_examples
from matcher.training.fitting import WeightFitter
from matcher.training.metrics import compute_calibration_bins, compute_calibration_error, compute_metrics
from matcher.training.report import CURVE_FILE, REPORT_FILE, write_report
from matcher.training.train import Outcome, Thresholds, choose_thresholds, train
from tests.matcher.works import build_comparisons, build_work

COUNT = 2_600


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Films named twice: one entry a film has its title and year; one in five has no film in the base."""
    films = [build_work(f"f{n}", f"Titre numéro {n} bis", year=1950 + n % 70, by=f"Réalisateur Unique{n}") for n in range(COUNT)]
    entries = [
        build_work(
            f"e{n}", f"Titre numéro {n} bis" if n % 5 else f"Rien {n} du tout", year=1950 + n % 70, by=f"Unique{n} Réalisateur"
        )
        for n in range(COUNT)
    ]
    right = {f"e{n}": {f"f{n}"} if n % 5 else set[str]() for n in range(COUNT)}
    matchable = {entry_id for entry_id, metrics in right.items() if metrics}
    return list(make_examples("essai", entries, FilmIndex(films), right, matchable))


def outcome(example: Example, probability: float, right: bool) -> Outcome:
    film = min(example.true_film_ids, default="f0") if right else "another"
    return Outcome(example, EntryDecision(Band.AUTO, (), (ScoredProposal(film, probability, {}, build_comparisons()),)))


def flag(of: Outcome) -> Outcome:
    reasons = (Reason(ReasonCode.DIRECTORS_DIFFER), Reason(ReasonCode.ABOVE_STRICT))
    return Outcome(of.example, replace(of.decision, reasons=reasons))


def test_entries_of_one_film_are_in_one_fold_and_every_fold_has_some(examples: list[Example]) -> None:
    assert {example.fold for example in examples} == set(range(FOLD_COUNT))
    twin = Example("essai", build_work("other", "Autre titre"), [], [], examples[1].true_film_ids, True)
    assert twin.fold == examples[1].fold


def test_an_equal_title_weighs_more_than_another_title(examples: list[Example]) -> None:
    weights = WeightFitter(examples).fit().by_level
    assert weights["title"]["letter"] > weights["title"].get("unlike", 0)
    assert weights["words"].get("none", 0) < 0


def test_what_is_unknown_weighs_nothing(examples: list[Example]) -> None:
    assert not any("unknown" in levels for levels in WeightFitter(examples).fit().by_level.values())


def test_the_threshold_is_the_laxest_whose_bound_holds(examples: list[Example]) -> None:
    matchable = [example for example in examples if example.is_matchable] * 5
    sound = [outcome(example, 0.95, True) for example in matchable[:2_000]]
    spoilt = sound + [outcome(example, 0.655, False) for example in matchable[:50]]
    assert choose_thresholds(sound) == Thresholds(auto=0.5, strict=1.0)
    assert choose_thresholds(spoilt).auto == 0.66


def test_films_that_a_veto_flags_have_a_threshold_of_their_own(examples: list[Example]) -> None:
    matchable = [example for example in examples if example.is_matchable] * 5
    sound = [outcome(example, 0.95, True) for example in matchable[:2_000]]
    flagged = [flag(outcome(example, 0.965, True)) for example in matchable[:200]]
    spoilt = [flag(outcome(example, 0.935, False)) for example in matchable[:20]]
    assert choose_thresholds(sound + flagged) == Thresholds(auto=0.5, strict=0.9)
    assert choose_thresholds(sound + flagged + spoilt) == Thresholds(auto=0.5, strict=0.94)


def test_measures_count_what_is_published_found_and_missed(examples: list[Example]) -> None:
    matchable = [example for example in examples if example.is_matchable][:3]
    none = Outcome(matchable[2], EntryDecision(Band.NONE))
    metrics = compute_metrics([outcome(matchable[0], 0.9, True), outcome(matchable[1], 0.9, False), none])
    assert (metrics.published, metrics.wrong, metrics.linked, metrics.missed) == (2, 1, 1, 1)
    assert metrics.precision == 0.5 and metrics.recall == pytest.approx(1 / 3)


def test_the_calibration_error_is_the_gap_between_what_is_told_and_what_is_right(examples: list[Example]) -> None:
    matchable = [example for example in examples if example.is_matchable]
    outcomes = [outcome(example, 0.75, place % 2 == 0) for place, example in enumerate(matchable[:100])]
    assert compute_calibration_error(outcomes) == pytest.approx(0.25)
    assert [(each.count, each.accuracy) for each in compute_calibration_bins(outcomes)] == [(100, 0.5)]


def test_a_training_writes_a_model_that_is_read_again_and_a_report(examples: list[Example], tmp_path: Path) -> None:
    training = train(TrainingData(examples), lambda line: None)
    save_model(tmp_path / "model.json", training.model)
    assert load_model(tmp_path / "model.json") == training.model
    write_report(tmp_path, training)
    text = (tmp_path / REPORT_FILE).read_text("utf-8")
    assert "| essai | 2600 |" in text and "titre identique à la lettre" in text and CURVE_FILE in text
    assert (tmp_path / CURVE_FILE).read_text("utf-8").startswith("<svg")
    assert compute_metrics(training.outcomes).wrong == 0
    figures = load_figures(tmp_path / FIGURES_FILE)
    assert figures is not None and (figures.model, figures.wrong) == (training.model.version, 0)
    assert read_total_row(text)[:3] == (figures.model, figures.links, figures.wrong)


def read_total_row(report: str) -> tuple[str, int, int, str, str]:
    """Read the model's version and, of all lists together, the links, the wrong ones and the two shares."""
    version = re.search(r"^# .*modèle (\S+)$", report, re.MULTILINE)
    row = re.search(r"^\| \*\*ensemble\*\* \| \d+ \| (\d+) \| (\d+) \| ([^|]+) \| ([^|]+) \|", report, re.MULTILINE)
    assert version and row
    return version[1], int(row[1]), int(row[2]), row[3], row[4]


def test_the_published_report_and_its_data_file_agree() -> None:
    folder = ROOT / "docs" / "matching"
    figures = load_figures(folder / FIGURES_FILE)
    assert figures is not None
    shares = [f"{100 * share:.2f} %".replace(".", ",") for share in (figures.precision, figures.precision_lower_bound)]
    expected = (figures.model, figures.links, figures.wrong, *shares)
    assert read_total_row((folder / REPORT_FILE).read_text("utf-8")) == expected


def test_too_few_examples_are_refused(examples: list[Example]) -> None:
    with pytest.raises(UserError, match="trop peu pour apprendre"):
        train(TrainingData(examples[:2]), lambda line: None)
