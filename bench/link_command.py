"""Measure `ouvoir link` as a whole command: `python -m bench.link_command --data ../shared/data`.

A catalogue of 865 entries against the CNC's base, then 20,000 entries (`bench.scaling`) against the world base: the first time,
when the index is built and stored, and again, when it is read. Each line gives the seconds of processor of all processes
(user and system), the seconds of the clock and the peak of memory: the medians of rounds. A machine that does other things
inflates them all, the clock most.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.scaling import make_entries
from domain.common.environment import ROOT
from matcher.training.gold_sets import CNC_REFERENCE, WORLD_REFERENCE, read_catalogue_set, read_rows, write_entries

_CATALOGUE = "catalogue_orange_vod_noid.csv.gz"


class Cost(NamedTuple):
    """The seconds of processor and of the clock, and the megabytes, that a command takes."""

    processor: float
    clock: float
    peak_mb: float


class Case(NamedTuple):
    """Two files to link, and what the command is to take at most."""

    label: str
    reference: Path
    entries: Path
    aims: tuple[str, str]


def _measure_link(case: Case, scratch: Path) -> Cost:
    command = [sys.executable, "-m", "bench.peak", sys.executable, "-c", "from cli.main import main; main()"]
    command += ["link", str(case.reference), str(case.entries), "--output", str(scratch / "links.csv")]
    environment = os.environ | {"OUVOIR_VAR": str(scratch / "var")}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(processor, clock, float(result.stdout.rpartition("peak_mb=")[2]))


def _print_costs(case: Case, rounds: int, scratch: Path) -> None:
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(rounds):
        shutil.rmtree(scratch / "var", ignore_errors=True)
        for kind in costs:
            kind.append(_measure_link(case, scratch))
    for name, kind, aim in zip(("first", "again"), costs, case.aims, strict=True):
        median = Cost(*map(statistics.median, zip(*kind, strict=True)))
        times = f"{median.processor:.2f} s of processor, {median.clock:.2f} s of the clock"
        print(f"{case.label}, {name}: {times}, {median.peak_mb:.0f} MB (aim {aim})", flush=True)


def main() -> None:
    """Print two lines a case: the first time, and again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        small, large = scratch / "small.csv", scratch / "large.csv"
        write_entries(small, read_catalogue_set(args.data, "Orange", _CATALOGUE, CNC_REFERENCE).entries)
        write_entries(large, make_entries(args.data, read_rows(args.data / WORLD_REFERENCE)))
        aims = ("2.5 s of processor", "1.0 s of processor"), ("6 s of the clock on two idle cores", "4 s")
        for case in (
            Case("865 entries, 30,640 films", args.data / CNC_REFERENCE, small, aims[0]),
            Case("20,000 entries, 91,170 films", args.data / WORLD_REFERENCE, large, aims[1]),
        ):
            _print_costs(case, args.rounds, scratch)


if __name__ == "__main__":
    main()
