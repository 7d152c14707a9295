"""Measures the matcher on labelled sets: `python -m bench.linking --data ../shared/data`."""

import argparse
import csv
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.exact_rule import exact_links
from matcher.labelled import LabelledSet, all_sets, write_entries, write_reference
from matcher.link_files import link_files
from matcher.training import lower_bound


@dataclass
class Measure:
    """What one method did on one set. Shares are from 0 to 1; None when there is no truth to tell."""

    entries: int
    auto: int
    review: int
    right: int
    wrong: int
    asked: int
    found: int
    false_none: int

    @property
    def precision(self) -> float | None:
        judged = self.right + self.wrong
        return self.right / judged if judged else None

    @property
    def bound(self) -> float | None:
        judged = self.right + self.wrong
        return lower_bound(self.right, judged) if judged else None

    @property
    def recall(self) -> float | None:
        return self.found / self.asked if self.asked else None


def measure(labelled: LabelledSet, links: Iterable[dict[str, str]]) -> Measure:
    """Counts a method's LINKS rows against the truth of a set."""
    rows = list(links)
    auto = {row["entry_id"]: row["film_id"] for row in rows if row["decision"] == "auto"}
    none = {row["entry_id"] for row in rows if row["decision"] == "none"}
    right = {number for number, film in auto.items() if film in labelled.right.get(number, ())}
    judged = auto.keys() & labelled.right.keys()
    return Measure(
        entries=len(rows),
        auto=len(auto),
        review=len(rows) - len(auto) - len(none),
        right=len(right),
        wrong=len(judged - right),
        asked=len(labelled.asked),
        found=len(right & labelled.asked),
        false_none=len(none & labelled.asked),
    )


def run_matcher(labelled: LabelledSet, data: Path, folder: Path, workers: int) -> tuple[list[dict[str, str]], float]:
    """The LINKS rows of the real command on a set, and the seconds it took, files read and written included."""
    entries, output = folder / "entries.csv", folder / "links.csv"
    write_entries(entries, labelled.entries)
    started = time.perf_counter()
    link_files(write_reference(folder / "reference.csv", labelled, data), entries, output, workers, None, lambda line: None)
    seconds = time.perf_counter() - started
    with output.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), seconds


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _line(name: str, method: str, found: Measure, seconds: float | None) -> str:
    cells = [f"{name:12}", f"{method:10}", f"{found.entries:7}", f"{found.auto:6}", f"{found.auto / found.entries:6.1%}"]
    cells += [f"{found.right:6}", f"{found.wrong:5}", f"{_share(found.precision):>7}", f"{_share(found.bound):>7}"]
    cells += [f"{_share(found.recall):>7}", f"{found.review / found.entries:7.1%}", f"{found.false_none:10}"]
    return " ".join([*cells, "-" if seconds is None else f"{seconds:7.1f}"])


HEADER = "set          method     entries   auto   auto  right wrong   prec.  bound  recall  review false none seconds"


def main() -> None:
    """Prints the table: the matcher, and beside it the rule « same title, same year, alone », on every set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the labelled sets")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder where the LINKS of each set are kept")
    asked = parser.parse_args()
    print(HEADER)
    for labelled in all_sets(asked.data):
        with tempfile.TemporaryDirectory() as folder:
            links, seconds = run_matcher(labelled, asked.data, Path(folder), asked.workers)
            if asked.keep:
                shutil.copy(Path(folder) / "links.csv", asked.keep / f"{labelled.name}.csv")
        print(_line(labelled.name, "matcher", measure(labelled, links), seconds))
        print(_line("", "title+year", measure(labelled, exact_links(labelled, asked.data)), None), flush=True)


if __name__ == "__main__":
    main()
