"""Small lists on which other programs were reported to fail, each linked as a whole list; `cases` has a folder a list."""

import csv
from pathlib import Path

import pytest

from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision
from matcher.loaders.csv_files import read_entries, read_reference
from matcher.model import load_model
from matcher.pipeline import link_entries

CASES = Path(__file__).with_name("cases")


def link_case(folder: Path) -> dict[str, EntryDecision]:
    films, _ = read_reference(folder / "reference.csv")
    entries = read_entries(folder / "entries.csv")
    decisions = link_entries(entries, FilmIndex(films), load_model())
    return {entry.id: decision for entry, decision in zip(entries, decisions, strict=True)}


def is_as_expected(decision: EntryDecision, film_id: str, want: str) -> bool:
    """`auto`: that film, published unseen; `first`: that film put first; `noauto`: nothing published."""
    if want == "noauto":
        return decision.band is not Band.AUTO
    is_right = decision.best is not None and decision.best.film_id == film_id
    return is_right and decision.band in ((Band.AUTO,) if want == "auto" else (Band.AUTO, Band.REVIEW))


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_a_list_on_which_others_failed_is_linked_as_a_reader_would(name: str) -> None:
    decisions = link_case(CASES / name)
    with (CASES / name / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert expected
    wrong = [row for row in expected if not is_as_expected(decisions[row["entry_id"]], row["film_id"], row["want"])]
    assert [(row["entry_id"], row["want"], decisions[row["entry_id"]].reason) for row in wrong] == []
