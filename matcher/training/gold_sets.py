"""Read labelled sets: entries of real lists with the right film of each, to train and to measure the matcher.

They are in a folder beside the project, whose README says what each set holds and where its truth comes from.
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
_FACT_COLUMNS = ("title", "original_title", "year", "directors", "runtime_min", "countries")
_KINDS = {"movie": "film", "film": "film", "series": "series"}


@dataclass
class LabelledSet:
    """Entries to link, the file of films to link them to, and the truth.

    `true_matches` gives, for each entry whose truth is known, the right films (none: every link is wrong); `matchable_ids`
    are the entries whose film is among the films; `blanked_columns` are columns of the films to empty first.
    """

    name: str
    reference: str
    entries: Rows
    true_matches: dict[str, set[str]] = field(default_factory=dict)
    matchable_ids: set[str] = field(default_factory=set)
    blanked_columns: tuple[str, ...] = ()


def read_rows(path: Path) -> Rows:
    """Return the rows of a CSV file, compressed with gzip or not."""
    return list(csv.DictReader(io.StringIO(decode_bytes(read_file(path), path.name), newline="")))


def write_entries(path: Path, entries: Rows) -> None:
    """Write entries as a CSV file."""
    columns = list(dict.fromkeys(column for entry in entries for column in entry))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(entries)


_WRONG_AFCAE_PAIRS = frozenset("AF02504 AF02507 AF03202 AF04327 AF05784 AF06852 AF08879 AF08902 AF09424 AF14565".split())
"""Pairs whose visa was mistyped at the source, as its description says (read by eye): neither right nor wrong can be told."""


def _read_true_pairs(path: Path) -> dict[str, set[str]]:
    return {row["left_id"]: {row["right_id"]} for row in read_rows(path) if row["suspect"] != "1"}


def _split_people(cell: str, separators: str) -> str:
    return "|".join(name for name in re.split(separators, cell) if name.strip())


def read_agrees_set(data: Path) -> LabelledSet:
    """Return the films approved by the CNC; the truth of entries without a pair is unknown."""
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
    true_matches = _read_true_pairs(folder / "truth.csv")
    return LabelledSet("agréés", CNC_REFERENCE, entries, true_matches, set(true_matches))


def read_afcae_set(data: Path) -> LabelledSet:
    """Return the list of art-house films, which has no years."""
    folder = data / "benchmark_afcae_cnc"
    entries = [
        {"id": row["left_id"], "title": row["titre"], "directors": _split_people(row["realisateur"], "[&/,]")}
        for row in read_rows(folder / "left.csv.gz")
    ]
    true_matches = _read_true_pairs(folder / "truth.csv")
    for entry_id in _WRONG_AFCAE_PAIRS:
        true_matches.pop(entry_id, None)
    matchable_ids = set(true_matches)
    for row in read_rows(folder / "left_without_truth.csv"):
        if row["title_check"] == "no_same_title":
            true_matches[row["left_id"]] = set()
    return LabelledSet("AFCAE", CNC_REFERENCE, entries, true_matches, matchable_ids)


def read_catalogue_set(data: Path, name: str, file: str, reference: str, truth: str | None = None) -> LabelledSet:
    """Return a platform's catalogue; without a truth, only the shares of the bands can be measured."""
    labelled_set = LabelledSet(name, reference, [_build_entry(row) for row in read_rows(data / file)])
    if truth:
        for row in read_rows(data / truth):
            _label_entry(labelled_set, row)
    return labelled_set


def _build_entry(row: Mapping[str, str]) -> dict[str, str]:
    facts = {column: row[column] for column in _FACT_COLUMNS}
    return {"id": row["platform_id"], "kind": _KINDS.get(row["type"], ""), **facts}


def _label_entry(labelled_set: LabelledSet, row: Mapping[str, str]) -> None:
    status, _, alias = row["status"].partition(":")
    entry_id = row["platform_id"]
    if status == "alias_probable":
        labelled_set.true_matches[entry_id] = {alias}
    elif status in ("in_reference", "absent", "series"):
        labelled_set.true_matches[entry_id] = {row["imdb_id"]}
    if status == "in_reference":
        labelled_set.matchable_ids.add(entry_id)


def write_reference(path: Path, labelled_set: LabelledSet, data: Path) -> Path:
    """Return the path of the set's films: the file itself, or a copy at `path` with its columns blanked."""
    reference = data / labelled_set.reference
    if not labelled_set.blanked_columns:
        return reference
    blanks = dict.fromkeys(labelled_set.blanked_columns, "")
    write_entries(path, [row | blanks for row in read_rows(reference)])
    return path


def read_french_titles_set(data: Path) -> LabelledSet:
    """Return French titles of films of the world source, whose own French titles are blanked; other facts are the source's."""
    films = {row["id"]: row for row in read_rows(data / WORLD_REFERENCE)}
    entries = {}
    for row in read_rows(data / "french_titles.csv.gz"):
        film = films.get(row["imdb_id"])
        if film is not None:
            facts = {column: film[column] for column in ("year", "directors", "runtime_min")}
            entries[film["id"]] = {"id": film["id"], "title": row["title_fr"], **facts}
    true_matches = {film_id: {film_id} for film_id in entries}
    return LabelledSet("titres français", WORLD_REFERENCE, list(entries.values()), true_matches, set(true_matches), ("title_fr",))


def iter_training_sets(data: Path) -> Iterator[LabelledSet]:
    """Yield the sets of real lists whose truth distinguishes right links from wrong ones."""
    yield read_agrees_set(data)
    yield read_afcae_set(data)
    yield read_catalogue_set(data, "Netflix", "catalogue_jw_netflix.csv.gz", WORLD_REFERENCE, "truth_jw_netflix.csv")
    yield read_catalogue_set(data, "Disney+", "catalogue_jw_disney.csv.gz", WORLD_REFERENCE, "truth_jw_disney.csv")
