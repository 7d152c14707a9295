"""Measure what aliases bring: `python -m bench.aliases --data ../shared/data`.

French titles are linked to films of the world source. Its own French titles are blanked; then those of half of the films, chosen
by a hash of the film's id, are given back among their other titles, as a base of aliases gives them; then those of all.
"""

import argparse
import hashlib
import tempfile
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from bench.linking import measure_links, run_method
from matcher.training.gold_sets import LabelledSet, read_french_titles_set, read_rows, write_entries

AIMS = {"blank": 0.90, "half known": 0.95}
_HEADER = f"{'aliases':12} {'films':>6} {'auto':>6} {'wrong':>5} {'prec.':>7} {'bound':>7} {'recall':>7} {'aim':>5}"


def is_given_back(film_id: str) -> bool:
    """Tell whether a film is of the half whose French title is given back."""
    # Salted: the films of the source were themselves chosen by a hash of their id.
    return hashlib.sha256(f"alias {film_id}".encode()).digest()[0] % 2 == 0


def write_aliased_reference(path: Path, labelled: LabelledSet, data: Path, is_known: Callable[[str], bool]) -> Path:
    """Write the films of a set without their French titles, but for those of known films, among their other titles."""
    aliases = {entry["id"]: entry["title"] for entry in labelled.entries if is_known(entry["id"])}
    rows = []
    for row in read_rows(data / labelled.reference):
        alias = aliases.get(row["id"], "").replace("|", " ")
        others = "|".join(filter(None, (row["other_titles"], alias)))
        rows.append(row | dict.fromkeys(labelled.blanked_columns, "") | {"other_titles": others})
    write_entries(path, rows)
    return path


def _restrict(labelled: LabelledSet, film_ids: Collection[str]) -> LabelledSet:
    """Return the set with the truth of some of its films only."""
    truth = {entry_id: films for entry_id, films in labelled.true_matches.items() if entry_id in film_ids}
    return replace(labelled, true_matches=truth, matchable_ids=set(truth))


def _format_row(name: str, labelled: LabelledSet, links: list[dict[str, str]]) -> str:
    measured = [link for link in links if link["entry_id"] in labelled.true_matches]
    measure = measure_links(labelled, measured)
    shares = [
        f"{share:7.4f}" if share is not None else f"{'-':>7}" for share in (measure.precision, measure.bound, measure.recall)
    ]
    aim = f"{AIMS[name]:.2f}" if name in AIMS else ""
    return f"{name:12} {measure.matchable:6} {measure.auto:6} {measure.wrong:5} {' '.join(shares)} {aim:>5}"


def main() -> None:
    """Print recall and precision without aliases, with half of them (in all, then by half), and with all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the labelled sets")
    data = parser.parse_args().data.resolve()
    labelled = read_french_titles_set(data)
    known_ids = {entry["id"] for entry in labelled.entries if is_given_back(entry["id"])}
    cases: dict[str, Callable[[str], bool]] = {
        "blank": lambda film_id: False,
        "half known": is_given_back,
        "all known": lambda film_id: True,
    }
    print(_HEADER)
    for name, is_known in cases.items():
        with tempfile.TemporaryDirectory() as scratch:
            path = write_aliased_reference(Path(scratch) / "aliased.csv", labelled, data, is_known)
            run = run_method("ours", replace(labelled, reference=str(path), blanked_columns=()), data)
        print(_format_row(name, labelled, run.links), flush=True)
        if name == "half known":
            print(_format_row("  given back", _restrict(labelled, known_ids), run.links))
            print(_format_row("  others", _restrict(labelled, labelled.matchable_ids - known_ids), run.links))


if __name__ == "__main__":
    main()
