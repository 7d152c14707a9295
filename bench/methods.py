"""Run a method that is set beside ours, alone in its process: `python -m bench.methods NAME REFERENCE ENTRIES OUTPUT`.

Each writes what it links as entry_id, film_id, and prints the seconds that it took, files read included. Thresholds are those
of the measures published in the reference notes (ratio of 97 on the title alone, 87 within a year), or a probability of 0.9.
"""

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from domain.common.titles import build_title_key
from matcher.training.gold_sets import Rows, read_rows

_TITLES = ("title", "original_title", "title_fr", "other_titles")
_RATIO_WITH_YEAR, _RATIO_WITHOUT_YEAR, _MIN_PROBABILITY = 87, 97, 0.9
_SAMPLE_SIZE = 400
_YEAR_LEVELS = [
    {"sql_condition": "year_l IS NULL OR year_r IS NULL", "label_for_charts": "unknown", "is_null_level": True},
    {"sql_condition": "year_l = year_r", "label_for_charts": "same"},
    {"sql_condition": "abs(year_l - year_r) <= 1", "label_for_charts": "one"},
    {"sql_condition": "ELSE", "label_for_charts": "else"},
]
Links = dict[str, str]


def _get_title_keys(row: dict[str, str]) -> list[str]:
    """Return the comparable titles of a film or an entry, each once, in order."""
    keys: dict[str, None] = {}
    for column in _TITLES:
        for title in filter(None, row.get(column, "").split("|")):
            keys[build_title_key(title)] = None
    return list(keys)


def link_exact(films: Rows, entries: Rows) -> Links:
    """Return the film of the same comparable title and the same year, when there is only one."""
    films_by_key: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in films:
        for key in _get_title_keys(row):
            films_by_key[key, row["year"]].add(row["id"])
    links = {}
    for entry in entries:
        year = entry.get("year", "")
        candidates: set[str] = set()
        for key in _get_title_keys(entry):
            candidates |= films_by_key.get((key, year), set()) if year else set()
        if len(candidates) == 1:
            links[entry["id"]] = candidates.pop()
    return links


def _list_aliases(films: Rows) -> tuple[list[str], list[str], np.ndarray]:
    """Return every title of the films, with the film and the year of each at the same rank."""
    keys: list[str] = []
    film_ids: list[str] = []
    years: list[int] = []
    for row in films:
        for key in _get_title_keys(row):
            keys.append(key)
            film_ids.append(row["id"])
            years.append(int(row["year"] or 0))
    return keys, film_ids, np.array(years)


def link_cdist(films: Rows, entries: Rows) -> Links:
    """Return the most alike title of all, within a year where years are known (rapidfuzz cdist, all pairs)."""
    keys, owners, years = _list_aliases(films)
    links = {}
    for start in range(0, len(entries), 200):
        batch = entries[start : start + 200]
        scores = process.cdist(
            [build_title_key(entry["title"]) for entry in batch], keys, scorer=fuzz.ratio, dtype=np.uint8, workers=2
        )
        for entry, row_scores in zip(batch, scores, strict=True):
            year = int(entry.get("year") or 0)
            if year:
                row_scores[(years != 0) & (abs(years - year) > 1)] = 0
            best = int(row_scores.argmax())
            if row_scores[best] >= (_RATIO_WITH_YEAR if year else _RATIO_WITHOUT_YEAR):
                links[entry["id"]] = owners[best]
    return links


def link_extract_one(films: Rows, entries: Rows) -> Links:
    """Run the obvious first version, one call an entry (rapidfuzz extractOne with WRatio), on a sample: it is slow."""
    keys, owners, _ = _list_aliases(films)
    links = {}
    for entry in entries[:_SAMPLE_SIZE]:
        best = process.extractOne(build_title_key(entry["title"]), keys, scorer=fuzz.WRatio, score_cutoff=_RATIO_WITHOUT_YEAR)
        if best:
            links[entry["id"]] = owners[best[2]]
    return links


def _build_records(rows: Rows) -> Iterator[dict[str, object]]:
    for row in rows:
        people = build_title_key(row.get("directors", "").split("|")[0])
        for rank, key in enumerate(_get_title_keys(row)):
            year = int(row["year"]) if row.get("year") else None
            yield {
                "unique_id": f"{row['id']}#{rank}",
                "title": key,
                "year": year,
                "director": " ".join(sorted(people.split())) or None,
            }


def link_splink(films: Rows, entries: Rows) -> Links:
    """Run Fellegi and Sunter without labels (Splink 5 on DuckDB): title, year and director, best pair from 0.9 on.

    What no entry tells is neither compared nor blocked on: it could not be trained.
    """
    import pandas as pd
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    compared = {"title": cl.JaroWinklerAtThresholds("title", [0.98, 0.92, 0.85]).configure(term_frequency_adjustments=True)}
    rules = [block_on("title")]
    if any(entry.get("year") for entry in entries):
        compared["year"] = cl.CustomComparison(output_column_name="year", comparison_levels=_YEAR_LEVELS)
        rules.append(block_on("year", "substr(title, 1, 4)"))
    if any(entry.get("directors") for entry in entries):
        compared["director"] = cl.JaroWinklerAtThresholds("director", [0.95, 0.88])
        rules.append(block_on("director", "substr(title, 1, 3)"))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=list(compared.values()),
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=1e-5,
    )
    api = DuckDBAPI()
    linker = Linker([api.register(pd.DataFrame(_build_records(rows))) for rows in (entries, films)], settings, log_level=50)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("title"))
    trained = [name for name in ("director", "year") if name in compared]
    linker.training.estimate_parameters_using_expectation_maximisation(block_on(*trained))
    pairs = linker.inference.predict(threshold_match_probability=_MIN_PROBABILITY).as_pandas_dataframe()
    links: Links = {}
    for row in pairs.sort_values("match_probability", ascending=False).itertuples():
        links.setdefault(str(row.unique_id_l).rpartition("#")[0], str(row.unique_id_r).rpartition("#")[0])
    return links


METHODS: dict[str, Callable[[Rows, Rows], Links]] = {
    "title+year": link_exact,
    "cdist": link_cdist,
    "extractOne": link_extract_one,
    "Splink": link_splink,
}


def main() -> None:
    """Run one method on two files of `ouvoir link`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=METHODS)
    for path in ("reference", "entries", "output"):
        parser.add_argument(path, type=Path)
    args = parser.parse_args()
    started = time.perf_counter()
    films, entries = read_rows(args.reference), read_rows(args.entries)
    links = METHODS[args.name](films, entries)
    tried_count = min(_SAMPLE_SIZE, len(entries)) if args.name == "extractOne" else len(entries)
    with args.output.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("entry_id", "film_id"), *links.items()])
    json.dump({"seconds": time.perf_counter() - started, "tried": tried_count}, sys.stdout)


if __name__ == "__main__":
    main()
