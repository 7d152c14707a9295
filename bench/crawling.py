"""Measures the collector: `python -m bench.crawling --shared ../shared`.

Speed: our spider, with mapping, checks and storing, against a bare Scrapy spider on the same pages, by turns in one run,
delays off. Memory: the collector's peak from a thousand lines to a hundred thousand.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import select

from bench.feed_server import long_feed
from records.catalogue import Run
from records.database import connect, reading

ROOT = Path(__file__).resolve().parent.parent
OUVOIR = Path(sys.executable).with_name("ouvoir")
ELAPSED = re.compile(r"'elapsed_time_seconds': ([0-9.]+)")
ANSWERED = re.compile(r"'downloader/response_status_count/200': ([0-9]+)")
LENGTHS = (1_000, 10_000, 100_000)


@contextmanager
def replayed(shared: Path, port: int) -> Iterator[dict[str, Any]]:
    """The replay of real catalogues; its first line: addresses by platform."""
    command = [sys.executable, str(shared / "replay" / "replay.py"), "--port", str(port), "--data", str(shared / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def run_ours(slug: str, folder: Path, origin: str, database: Path) -> int:
    """Collects with `ouvoir crawl` into a database; the peak of memory of its processes, in kilobytes."""
    told = {"OUVOIR_DATABASE_URL": f"sqlite:///{database}", "OUVOIR_ALLOW_LOOPBACK": "1", "OUVOIR_LOOPBACK_DELAY": "0"}
    command = [str(OUVOIR), "crawl", slug, "--platforms", str(folder), "--origin", origin]
    process = subprocess.Popen(command, env=os.environ | told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.stdout, process.stderr
    assert out is not None and err is not None
    said, complaint = out.read(), err.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    out.close()
    err.close()
    if process.returncode:
        raise SystemExit(f"ouvoir crawl {slug}: {said}{complaint}")
    return used.ru_maxrss


def our_speed(folder: Path, origin: str, database: Path) -> tuple[float, float]:
    """Pages a second of our spider alone, and with its processes' start and the acceptance of the run."""
    run_ours("cinesite", folder, origin, database)
    engine = connect(f"sqlite:///{database}")
    with reading(engine) as session:
        run = session.exec(select(Run)).one()
    engine.dispose()
    log = (ROOT / "var" / "logs" / f"cinesite-{run.id}.log").read_text("utf-8")
    elapsed, pages = ELAPSED.findall(log)[-1], int(ANSWERED.findall(log)[-1])
    assert run.ended is not None
    return pages / float(elapsed), pages / (run.ended - run.started).total_seconds()


def bare_speed(origin: str) -> float:
    """Pages a second of the bare spider."""
    command = [sys.executable, "-m", "bench.bare_spider", f"{origin}/robots.txt"]
    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    return float(told["pages"] / told["seconds"])


def compare_speeds(shared: Path, port: int, rounds: int) -> None:
    """Prints the speeds by turns, and the ratio of the medians."""
    folder = ROOT / "tests" / "real"
    ours, whole, bare = [], [], []
    with replayed(shared, port) as told, tempfile.TemporaryDirectory() as scratch:
        origin = told["platforms"]["cinesite"]
        for number in range(rounds):
            bare.append(bare_speed(origin))
            alone, all_of_it = our_speed(folder, origin, Path(scratch) / f"{number}.db")
            ours.append(alone)
            whole.append(all_of_it)
            told_ours = f"ours {alone:.0f}, start and acceptance included {all_of_it:.0f}"
            print(f"round {number + 1}: bare {bare[-1]:.0f} pages/s, {told_ours}", flush=True)
    middle = statistics.median
    print(f"ratio of medians: {middle(ours) / middle(bare):.2f} (aim 0.85), all included {middle(whole) / middle(bare):.2f}")


def measure_memory() -> None:
    """Prints the peak of memory and the time of catalogues of growing length."""
    for lines in LENGTHS:
        with tempfile.TemporaryDirectory() as scratch, long_feed(lines, Path(scratch)) as origin:
            peak = run_ours("longue", Path(scratch), origin, Path(scratch) / "ouvoir.db")
        print(f"{lines:>7} lines: peak of the collector's processes {peak // 1024} MB")


def main() -> None:
    """Measures speed, then memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--port", type=int, default=9300)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    compare_speeds(told.shared, told.port, told.rounds)
    measure_memory()


if __name__ == "__main__":
    main()
