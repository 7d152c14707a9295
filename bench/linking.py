"""Measure the matcher on labelled sets: `python -m bench.linking --data ../shared/data`.

Ours beside other methods, on the same files, each alone in its process, in one run. What ours gives is compared with the
frozen result, so that a change shows its difference; `--freeze` writes it anew.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.methods import METHODS
from bench.sets import iter_labelled_sets
from domain.common.confidence import lower_bound
from domain.common.environment import ROOT
from matcher.training.gold_sets import LabelledSet, write_entries, write_reference

FROZEN = Path(__file__).with_name("frozen.json")


@dataclass
class Measure:
    """Represent what one method did on one set. Shares are from 0 to 1; None when there is no truth to tell."""

    entries: int
    auto: int
    review: int
    right: int
    wrong: int
    matchable: int
    matched: int
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
        return self.matched / self.matchable if self.matchable else None

    @property
    def f1(self) -> float | None:
        if not self.precision or not self.recall:
            return None
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def measure_links(labelled: LabelledSet, links: Iterable[dict[str, str]]) -> Measure:
    """Count a method's LINKS rows against the truth of a set."""
    rows = list(links)
    auto = {row["entry_id"]: row["film_id"] for row in rows if row["decision"] == "auto"}
    none = {row["entry_id"] for row in rows if row["decision"] == "none"}
    right = {entry_id for entry_id, film in auto.items() if film in labelled.true_matches.get(entry_id, ())}
    judged = auto.keys() & labelled.true_matches.keys()
    return Measure(
        entries=len(rows),
        auto=len(auto),
        review=len(rows) - len(auto) - len(none),
        right=len(right),
        wrong=len(judged - right),
        matchable=len(labelled.matchable_ids),
        matched=len(right & labelled.matchable_ids),
        false_none=len(none & labelled.matchable_ids),
    )


@dataclass(frozen=True)
class TimedRun:
    """Represent a method's links, the seconds of its process, its peak of memory in megabytes, and how many entries it tried."""

    links: list[dict[str, str]]
    seconds: float
    peak_mb: int
    tried_count: int


def _build_command(method: str, reference: Path, entries: Path, output: Path) -> list[str]:
    if method == "ours":
        script = "from cli.main import main; main()"
        return ["-c", script, "link", str(reference), str(entries), "--output", str(output), "--workers", "2"]
    return ["-m", "bench.methods", method, str(reference), str(entries), str(output)]


def run_method(method: str, labelled: LabelledSet, data: Path) -> TimedRun:
    """Run a method on a set, in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        entries, output = folder / "entries.csv", folder / "links.csv"
        write_entries(entries, labelled.entries)
        reference = write_reference(folder / "reference.csv", labelled, data)
        command = [sys.executable, "-m", "bench.peak", sys.executable, *_build_command(method, reference, entries, output)]
        started = time.perf_counter()
        output_text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        seconds = time.perf_counter() - started
        with output.open(encoding="utf-8", newline="") as file:
            links = list(csv.DictReader(file))
    report, _, peak = output_text.rpartition("peak_mb=")
    tried_count = json.loads(report)["tried"] if method != "ours" else len(labelled.entries)
    for row in links:
        row.setdefault("decision", "auto")
    return TimedRun(links, seconds, int(peak), tried_count)


def _format_share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _format_row(name: str, method: str, measure: Measure, run: TimedRun, ours: TimedRun) -> str:
    rate = run.tried_count / run.seconds
    shares = [f"{_format_share(value):>7}" for value in (measure.precision, measure.bound, measure.recall, measure.f1)]
    cells = [f"{name:16}", f"{method:10}", f"{run.tried_count:6}", f"{measure.auto:6}", f"{measure.wrong:5}", *shares]
    if method == "ours":
        cells += [
            f"{measure.review / measure.entries:7.1%}",
            f"{measure.false_none / measure.matchable if measure.matchable else 0:7.2%}",
        ]
    else:
        cells += [f"{'-':>7}", f"{'-':>7}"]
    return " ".join(
        [*cells, f"{run.seconds:7.1f}", f"{rate:8.0f}", f"{rate / (ours.tried_count / ours.seconds):6.2f}", f"{run.peak_mb:5}"]
    )


HEADER = (
    "set              method      tried   auto wrong   prec.   bound  recall      F1  review f. none seconds entries/s ratio   MB"
)


def _format_difference(name: str, measure: Measure, frozen: dict[str, dict[str, int]]) -> str:
    """Format what changed since the frozen result, in counts."""
    before, now = frozen.get(name), vars(measure)
    if before is None:
        return f"{name:16} not frozen yet"
    changed = [f"{count} {now[count] - before[count]:+d}" for count in now if now[count] != before[count]]
    return f"{name:16} {', '.join(changed) or 'as frozen'}"


def main() -> None:
    """Print the table of every set and method, then what changed since the frozen result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the labelled sets")
    parser.add_argument("--freeze", action="store_true", help="write the frozen result anew")
    args = parser.parse_args()
    frozen = json.loads(FROZEN.read_text("utf-8")) if FROZEN.exists() else {}
    results: dict[str, Measure] = {}
    print(HEADER)
    for labelled in iter_labelled_sets(args.data):
        ours = run_method("ours", labelled, args.data)
        results[labelled.name] = measure_links(labelled, ours.links)
        print(_format_row(labelled.name, "ours", results[labelled.name], ours, ours), flush=True)
        for method in METHODS if labelled.true_matches else ():
            run = run_method(method, labelled, args.data)
            print(_format_row("", method, measure_links(labelled, run.links), run, ours), flush=True)
    print("\nsince the frozen result:")
    for name, measure in results.items():
        print(_format_difference(name, measure, frozen))
    if args.freeze:
        counts = {name: vars(measure) for name, measure in results.items()}
        FROZEN.write_text(json.dumps(counts, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
