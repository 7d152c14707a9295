"""Labelled sets: entries of real lists with what is right for each, to train on and to measure on.

They stand in a folder beside the project, whose README says what each holds and how its truth was had.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.common.csv_reader import decode_bytes, read_file

Rows = list[dict[str, str]]
WORLD_REFERENCE, CNC_REFERENCE = "reference.csv.gz", "reference_cnc.csv.gz"


@dataclass
class LabelledSet:
    """Entries to link, the base they go to, and the truth.

    `right` holds, for each entry whose answer is known, the films a link to which is right (none: no link is);
    `asked` the entries whose film is in the base and must be found. `blanked` are columns of the base to be emptied first.
    """

    name: str
    reference: str
    entries: Rows
    true_matches: dict[str, set[str]] = field(default_factory=dict)
    matchable_ids: set[str] = field(default_factory=set)
    blanked_columns: tuple[str, ...] = ()


def read_rows(path: Path) -> Rows:
    """The rows of a CSV file, gzip or not."""
    return list(csv.DictReader(io.StringIO(decode_bytes(read_file(path), path.name), newline="")))


def write_entries(path: Path, entries: Rows) -> None:
    """The entries as a CSV file."""
    columns = list(dict.fromkeys(column for entry in entries for column in entry))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(entries)


def _read_true_pairs(path: Path) -> dict[str, set[str]]:
    return {row["left_id"]: {row["right_id"]} for row in read_rows(path) if row["suspect"] != "1"}


def _split_people(cell: str, separators: str) -> str:
    return "|".join(name for name in re.split(separators, cell) if name.strip())


def read_agrees_set(data: Path) -> LabelledSet:
    """The films agréés; entries without a pair are unknown."""
    folder = data / "benchmark_agrees_cnc"
    entries = [
        {
            "id": row["left_id"],
            "title": row["titre"],
            "directors": _split_people(row["realisateur"], "/"),
            "year": row["annee_agrement"],
            "countries": _split_people(re.sub(r"-?\s*\d+", "", row["nationalite"]), "/"),
        }
        for row in read_rows(folder / "left.csv.gz")
    ]
    right = _read_true_pairs(folder / "truth.csv")
    return LabelledSet("agréés", CNC_REFERENCE, entries, right, set(right))


def read_afcae_set(data: Path) -> LabelledSet:
    """The art-et-essai list, without years."""
    folder = data / "benchmark_afcae_cnc"
    entries = [
        {"id": row["left_id"], "title": row["titre"], "directors": _split_people(row["realisateur"], "[&/,]")}
        for row in read_rows(folder / "left.csv.gz")
    ]
    right = _read_true_pairs(folder / "truth.csv")
    asked = set(right)
    absent = {row["left_id"] for row in read_rows(folder / "left_without_truth.csv") if row["title_check"] == "no_same_title"}
    return LabelledSet("AFCAE", CNC_REFERENCE, entries, right | {number: set() for number in absent}, asked)


def read_catalogue_set(data: Path, name: str, file: str, reference: str, truth: str | None = None) -> LabelledSet:
    """A platform's catalogue; without a truth, only the shares of the bands can be told."""
    entries = [
        {
            "id": row["platform_id"],
            "kind": {"movie": "film", "film": "film", "series": "series"}.get(row["type"], ""),
            **{column: row[column] for column in ("title", "original_title", "year", "directors", "runtime_min", "countries")},
        }
        for row in read_rows(data / file)
    ]
    found = LabelledSet(name, reference, entries)
    for row in read_rows(data / truth) if truth else []:
        _label_entry(found, row)
    return found


def _label_entry(labelled_set: LabelledSet, row: Mapping[str, str]) -> None:
    status, _, alias = row["status"].partition(":")
    if status == "alias_probable":
        labelled_set.true_matches[row["platform_id"]] = {alias}
    elif status in ("in_reference", "absent", "series"):
        labelled_set.true_matches[row["platform_id"]] = {row["imdb_id"]}
    if status == "in_reference":
        labelled_set.matchable_ids.add(row["platform_id"])


def write_reference(path: Path, labelled_set: LabelledSet, data: Path) -> Path:
    """The set's base: the file itself, or a copy at `path` where columns must be blanked."""
    if not labelled_set.blanked_columns:
        return data / labelled_set.reference
    write_entries(
        path, [row | dict.fromkeys(labelled_set.blanked_columns, "") for row in read_rows(data / labelled_set.reference)]
    )
    return path


def iter_training_sets(data: Path) -> Iterator[LabelledSet]:
    """The sets whose truth tells right links from wrong ones, on real lists."""
    yield read_agrees_set(data)
    yield read_afcae_set(data)
    yield read_catalogue_set(data, "Netflix", "catalogue_jw_netflix.csv.gz", WORLD_REFERENCE, "truth_jw_netflix.csv")
    yield read_catalogue_set(data, "Disney+", "catalogue_jw_disney.csv.gz", WORLD_REFERENCE, "truth_jw_disney.csv")
