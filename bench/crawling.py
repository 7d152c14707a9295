"""Measure the collector: `python -m bench.crawling --shared ../shared`.

Speed: our spider, with mapping, checks and storing, against a bare Scrapy spider on the same pages, by turns in one run,
delays off. Memory: the collector's peak from a thousand lines to a hundred thousand.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from sqlmodel import select

from bench.feed_server import serve_long_feed
from bench.stage import ROOT, Stage, run_replay
from domain.db.engine import create_db_engine, read_session
from domain.models.run import Run

ELAPSED = re.compile(r"'elapsed_time_seconds': ([0-9.]+)")
RESPONSE_COUNT = re.compile(r"'downloader/response_status_count/200': ([0-9]+)")
CATALOGUE_SIZES = (1_000, 10_000, 100_000)


def _run_collection(stage: Stage) -> int:
    """Collect, and return the peak of memory of the processes, in megabytes."""
    result = stage.run()
    if result.status:
        raise SystemExit(result.output)
    return result.peak_mb


def measure_our_speed(origin: str, database: Path) -> tuple[float, float]:
    """Return the pages a second of our spider alone, then with its processes' start and the acceptance of the run."""
    _run_collection(Stage("cinesite", origin, database))
    engine = create_db_engine(f"sqlite:///{database}")
    with read_session(engine) as session:
        run = session.exec(select(Run)).one()
    engine.dispose()
    log = (ROOT / "var" / "logs" / f"cinesite-{run.id}.log").read_text("utf-8")
    elapsed, pages = ELAPSED.findall(log)[-1], int(RESPONSE_COUNT.findall(log)[-1])
    assert run.ended_at is not None
    return pages / float(elapsed), pages / (run.ended_at - run.started_at).total_seconds()


def measure_bare_speed(origin: str) -> float:
    """Return the pages a second of the bare spider."""
    command = [sys.executable, "-m", "bench.bare_spider", f"{origin}/robots.txt"]
    report = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    return float(report["pages"] / report["seconds"])


def compare_speeds(shared: Path, port: int, rounds: int) -> None:
    """Print the speeds by turns, and the ratio of the medians."""
    ours, with_overhead, bare = [], [], []
    with run_replay(shared, port) as replay, tempfile.TemporaryDirectory() as scratch:
        origin = replay["platforms"]["cinesite"]
        for index in range(rounds):
            bare.append(measure_bare_speed(origin))
            speed, speed_with_overhead = measure_our_speed(origin, Path(scratch) / f"{index}.db")
            ours.append(speed)
            with_overhead.append(speed_with_overhead)
            our_speeds = f"ours {speed:.0f}, start and acceptance included {speed_with_overhead:.0f}"
            print(f"round {index + 1}: bare {bare[-1]:.0f} pages/s, {our_speeds}", flush=True)
    median = statistics.median
    print(
        f"ratio of medians: {median(ours) / median(bare):.2f} (aim 0.85), all included {median(with_overhead) / median(bare):.2f}"
    )


def measure_memory() -> None:
    """Print the peak of memory and the time of catalogues of growing length."""
    for rows in CATALOGUE_SIZES:
        with tempfile.TemporaryDirectory() as scratch, serve_long_feed(rows, Path(scratch)) as origin:
            peak = _run_collection(Stage("longue", origin, Path(scratch) / "ouvoir.db", Path(scratch)))
        print(f"{rows:>7} lines: peak of the collector's processes {peak} MB", flush=True)


def main() -> None:
    """Measure speed, then memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--port", type=int, default=9300)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    compare_speeds(args.shared, args.port, args.rounds)
    measure_memory()


if __name__ == "__main__":
    main()
