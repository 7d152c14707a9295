"""On every labelled set, what is published unseen is right at least 99 times in 100."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.linking import measure, run_matcher
from matcher.labelled import CNC, WORLD, LabelledSet, afcae, agrees, catalogue, french_titles
from records.bounds import lower_bound


def netflix(data: Path) -> LabelledSet:
    return catalogue(data, "Netflix", "catalogue_jw_netflix.csv.gz", WORLD, "truth_jw_netflix.csv")


def disney(data: Path) -> LabelledSet:
    return catalogue(data, "Disney+", "catalogue_jw_disney.csv.gz", WORLD, "truth_jw_disney.csv")


@pytest.mark.parametrize(
    ("labelled", "least"), [(agrees, 0.985), (afcae, 0.955), (netflix, 0.94), (disney, 0.965), (french_titles, 0.9)]
)
def test_links_published_unseen_are_right(
    shared: Path, tmp_path: Path, labelled: Callable[[Path], LabelledSet], least: float
) -> None:
    data = shared / "data"
    given = labelled(data)
    found = measure(given, run_matcher(given, data, tmp_path, 1)[0])
    assert found.bound is not None and found.bound >= 0.99
    assert found.recall is not None and found.recall >= least


def test_the_catalogue_of_orange_is_mostly_linked_and_persepolis_shown_to_a_person(shared: Path, tmp_path: Path) -> None:
    orange = catalogue(shared / "data", "Orange", "catalogue_orange_vod_noid.csv.gz", CNC)
    links = {row["entry_id"]: row["decision"] for row in run_matcher(orange, shared / "data", tmp_path, 1)[0]}
    called = {entry["title"]: links[entry["id"]] for entry in orange.entries}
    assert called["Persepolis"] == "review"
    assert called["La mécanique de l'ombre"] == "auto"
    assert list(links.values()).count("auto") / len(links) > 0.90


def test_the_lower_bound_is_clopper_and_pearsons() -> None:
    assert lower_bound(299, 299) == pytest.approx(0.99, abs=1e-4)
    assert lower_bound(472, 473) == pytest.approx(0.99, abs=1e-4)
    assert lower_bound(0, 10) == 0
