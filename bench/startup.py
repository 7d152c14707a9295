"""Measure what the command costs before it works: `python -m bench.startup`.

Processor time of `ouvoir --help` and `ouvoir runs` beside that of importing SQLAlchemy, which the second cannot avoid; then
the peak of memory of a small crawl. A machine that does other things inflates the times; their ratio stays.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.feed_server import serve_long_feed
from bench.stage import OUVOIR, Stage

ROUNDS = 9
CRAWLED_ROWS = 49


def measure_processor_seconds(command: list[str]) -> float:
    """Return the processor time of a command and its children, user and system: the median of rounds, after a first one."""
    rounds = []
    for _ in range(ROUNDS + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        rounds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(rounds[1:])


def measure_crawl_peak() -> int:
    """Return the peak of memory, in megabytes, of the largest process of a crawl."""
    with tempfile.TemporaryDirectory() as scratch, serve_long_feed(CRAWLED_ROWS, Path(scratch)) as origin:
        result = Stage("longue", origin, Path(scratch) / "ouvoir.db", Path(scratch)).run()
    if result.status:
        raise SystemExit(result.output)
    return result.peak_mb


def main() -> None:
    """Print the processor times, then the peak of memory."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["OUVOIR_DATABASE_URL"] = f"sqlite:///{scratch}/ouvoir.db"
        commands = {
            'python -c "import sqlalchemy"': [sys.executable, "-c", "import sqlalchemy"],
            "ouvoir --help (aim 0.25 s)": [str(OUVOIR), "--help"],
            "ouvoir runs (aim 0.60 s)": [str(OUVOIR), "runs"],
        }
        for label, command in commands.items():
            print(f"{label}: {measure_processor_seconds(command):.2f} s of processor", flush=True)
        del os.environ["OUVOIR_DATABASE_URL"]
    print(f"a crawl of {CRAWLED_ROWS} rows: {measure_crawl_peak()} MB at most in its largest process (aim 130)", flush=True)


if __name__ == "__main__":
    main()
