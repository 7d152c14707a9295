"""On every labelled set, what is published unseen is right at least 99 times in 100."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.linking import measure_links
from domain.common.confidence import lower_bound
from matcher.blocking import FilmIndex
from matcher.loaders.csv_files import read_entries, read_reference
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.training.gold_sets import (
    CNC_REFERENCE,
    WORLD_REFERENCE,
    LabelledSet,
    read_afcae_set,
    read_agrees_set,
    read_catalogue_set,
    read_french_titles_set,
    write_entries,
    write_reference,
)

pytestmark = pytest.mark.long
Link = Callable[[Callable[[Path], LabelledSet]], tuple[LabelledSet, list[dict[str, str]]]]


def netflix(data: Path) -> LabelledSet:
    return read_catalogue_set(data, "Netflix", "catalogue_jw_netflix.csv.gz", WORLD_REFERENCE, "truth_jw_netflix.csv")


def disney(data: Path) -> LabelledSet:
    return read_catalogue_set(data, "Disney+", "catalogue_jw_disney.csv.gz", WORLD_REFERENCE, "truth_jw_disney.csv")


@pytest.fixture(scope="module")
def link(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Link:
    """Links a set with the shipped model; each base is read once."""
    data, folder = shared / "data", tmp_path_factory.mktemp("sets")
    indexes: dict[tuple[str, tuple[str, ...]], FilmIndex] = {}

    def linked(make: Callable[[Path], LabelledSet]) -> tuple[LabelledSet, list[dict[str, str]]]:
        labelled = make(data)
        reference = (labelled.reference, labelled.blanked_columns)
        if reference not in indexes:
            indexes[reference] = FilmIndex(read_reference(write_reference(folder / "reference.csv", labelled, data))[0])
        write_entries(folder / "entries.csv", labelled.entries)
        entries = read_entries(folder / "entries.csv")
        outcomes = link_entries(entries, indexes[reference], load_model(), workers=2)
        return labelled, [
            {"entry_id": entry.id, "decision": decision.band, "film_id": decision.best.film_id if decision.best else ""}
            for entry, decision in zip(entries, outcomes, strict=True)
        ]

    return linked


@pytest.mark.parametrize(
    ("labelled", "minimum"),
    [(read_agrees_set, 0.97), (read_afcae_set, 0.955), (netflix, 0.93), (disney, 0.96), (read_french_titles_set, 0.85)],
)
def test_links_published_unseen_are_right(link: Link, labelled: Callable[[Path], LabelledSet], minimum: float) -> None:
    metrics = measure_links(*link(labelled))
    assert metrics.bound is not None and metrics.bound >= 0.99
    assert metrics.recall is not None and metrics.recall >= minimum


def test_the_catalogue_of_orange_is_mostly_linked_and_persepolis_shown_to_a_person(link: Link) -> None:
    orange, links = link(lambda data: read_catalogue_set(data, "Orange", "catalogue_orange_vod_noid.csv.gz", CNC_REFERENCE))
    decided = {row["entry_id"]: row["decision"] for row in links}
    called = {entry["title"]: decided[entry["id"]] for entry in orange.entries}
    assert called["Persepolis"] == "review"
    assert called["La mécanique de l'ombre"] == "auto"
    assert list(decided.values()).count("auto") / len(decided) > 0.90


def test_the_lower_bound_is_clopper_and_pearsons() -> None:
    assert lower_bound(299, 299) == pytest.approx(0.99, abs=1e-4)
    assert lower_bound(472, 473) == pytest.approx(0.99, abs=1e-4)
    assert lower_bound(0, 10) == 0
