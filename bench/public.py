"""Run two public benchmarks of entity resolution: `python -m bench.public --data ../shared/data`.

Protocol, that of the published figures (clean-clean matching, pyJedAI): two lists without repeats, every pair that is put
forward counts, precision and recall against the list of true pairs, one-to-one. Nothing was fitted or chosen on them: the
shipped model runs as it is on the left list as entries and the right one as base; a pair is put forward when it is the
most probable of its entry, its probability is at least one half, and no entry has a better claim to the film.
"""

import argparse
import csv
import re
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from domain.common.progress import ignore_progress
from matcher.link_files import link_files
from matcher.training.gold_sets import Rows, read_rows, write_entries

_MIN_PROBABILITY = 0.5
_BRACKETED_YEAR = re.compile(r"\s*\((\d{4})(?:/[IVX]+)?\)\s*$")


def _parse_year(*cells: str) -> str:
    year = next((cell[:4] for cell in cells if cell[:4].isdigit()), "")
    return year if 1870 <= int(year or 0) <= 2100 else ""


def _parse_minutes(cell: str) -> str:
    first = re.match(r"\d{1,4}", cell)
    return first[0] if first and int(first[0]) else ""


def read_imdb_tmdb(folder: Path) -> tuple[Rows, Rows]:
    """Read works and people of IMDb and TMDb: the title of a record is its title, or its name."""
    left, right = [], []
    for row in read_rows(folder / "left.csv.gz"):
        year = _parse_year(row["startYear"], row["birthYear"])
        left.append(_make_record(row["left_id"], row, year, row["runtimeMinutes"]))
    for row in read_rows(folder / "right.csv.gz"):
        year = _parse_year(row["releaseDate"], row["release_year"], row["birthDate"])
        right.append(_make_record(row["right_id"], row, year, row["runtime"]))
    return left, right


def _make_record(record_id: str, row: dict[str, str], year: str, runtime: str) -> dict[str, str]:
    title = row["title"] or row["name"] or "?"
    return {"id": record_id, "title": title, "year": year, "runtime_min": _parse_minutes(runtime)}


def _reorder_name(cell: str) -> str:
    """Write « Lee, Ang » and « St. Pierre, David (I) » as people's names."""
    surname, _, first = re.sub(r"\s*\([IVX]+\)", "", cell).partition(", ")
    return f"{first} {surname}".strip()


def read_imdb_dbpedia(folder: Path) -> tuple[Rows, Rows]:
    """Read films of DBpedia (left: no year, no director) and of IMDb (right: the year in brackets)."""
    left = [{"id": row["left_id"], "title": row["title"] or "?"} for row in read_rows(folder / "left.csv.gz")]
    right = []
    for row in read_rows(folder / "right.csv.gz"):
        title = _BRACKETED_YEAR.sub("", row["title"]) or "?"
        right.append({"id": row["right_id"], "title": title, "directors": _reorder_name(row["director name"])})
    return left, right


def find_pairs(left: Rows, right: Rows) -> set[tuple[str, str]]:
    """Return the pairs that the shipped matcher puts forward."""
    with tempfile.TemporaryDirectory() as scratch:
        reference, entries, output = (Path(scratch) / name for name in ("reference.csv", "entries.csv", "links.csv"))
        write_entries(reference, right)
        write_entries(entries, left)
        link_files(reference, entries, output, 1, None, ignore_progress)
        with output.open(encoding="utf-8", newline="") as file:
            return _assign_one_to_one(csv.DictReader(file))


def _assign_one_to_one(links: Iterable[dict[str, str]]) -> set[tuple[str, str]]:
    claims = [row for row in links if row["film_id"] and float(row["probability"]) >= _MIN_PROBABILITY]
    taken: dict[str, str] = {}
    for row in sorted(claims, key=lambda row: (-float(row["probability"]), row["entry_id"])):
        taken.setdefault(row["film_id"], row["entry_id"])
    return {(entry, film) for film, entry in taken.items()}


def _format_row(name: str, pairs: set[tuple[str, str]], truth: set[tuple[str, str]], details: str) -> str:
    right = len(pairs & truth)
    precision, recall = right / max(1, len(pairs)), right / max(1, len(truth))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"{name:30} {precision:9.4f} {recall:6.4f} {f1:6.4f}   {details}"


def _keep_titled_pairs(folder: Path, truth: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the true pairs whose two records have a title: the others share no text that could be compared."""
    left = {row["left_id"] for row in read_rows(folder / "left.csv.gz") if row["title"]}
    right = {row["right_id"] for row in read_rows(folder / "right.csv.gz") if row["title"]}
    return {(mine, yours) for mine, yours in truth if mine in left and yours in right}


def main() -> None:
    """Print precision, recall and F1 beside the published F1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    print("benchmark                      precision recall     F1   published F1, seconds")
    for name, read, published in (("imdb_tmdb", read_imdb_tmdb, 0.886), ("imdb_dbpedia", read_imdb_dbpedia, 0.897)):
        folder = data / f"benchmark_{name}"
        truth = {(row["left_id"], row["right_id"]) for row in read_rows(folder / "truth.csv")}
        started = time.perf_counter()
        pairs = find_pairs(*read(folder))
        print(_format_row(name, pairs, truth, f"{published}, {time.perf_counter() - started:.1f} s"), flush=True)
        if name == "imdb_dbpedia":
            print(
                _format_row("  pairs titled on both sides", pairs, _keep_titled_pairs(folder, truth), "not published"), flush=True
            )


if __name__ == "__main__":
    main()
