"""Measure the API: `python -m bench.api`.

On the invented base of bench.export (200,000 films, 300,000 offers at forty services): answers a second of a film with its
offers, against a bare Flask hello, as bench.throughput asks (wrk, one after the other in each round). Rows: `again`, full
answers for 200 films asked over and over, as clients ask; `conditional`, the same with their ETag; `once`, films each asked
once, so that every answer is made: what the first asker waits for.
Then batches of 500 identifiers drawn with a seed, posted to the whole application in one process. Then schemathesis, all its
checks, on the whole document over the scene of the tests: `--examples` for each of `--seeds`. No limit of rate.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlmodel import select

from bench.alone import run_alone
from bench.export import make_database
from bench.site import serve_database
from bench.throughput import Row, measure_rate
from domain.db.engine import create_db_engine, read_session, write_session
from domain.db.migrate import upgrade
from domain.models.film import FilmIdentifier
from domain.models.judgement import Judgement
from tests.scene import build_scene
from tests.webapp.api.checking import fuzz_document
from webapp.api.rate_limit import set_quota
from webapp.app import create_app

_OFFERS, _SEED = 300_000, 7
_FRESH_FILMS, _REPEATED_FILMS = 15_000, 200
_BATCH_SIZE, _BATCHES = 500, 40
_AIMS = {"again": "aim 0.45", "conditional": "aim 0.8", "once": ""}


def fill_database(database: Path) -> None:
    """Build the database, with well-formed identifiers, and offers read an hour ago."""
    make_database(database, _OFFERS)
    seen_at = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE filmidentifier SET value = printf('tt%07d', film_id) WHERE scheme = 'imdb'")
        connection.execute("UPDATE filmidentifier SET value = film_id WHERE scheme = 'tmdb'")
        connection.execute("UPDATE offer SET first_seen = ?, last_seen = ?, ends = NULL", (seen_at, seen_at))


def list_addresses(database: Path) -> list[str]:
    """List the addresses in the API of the films on offer, in an order drawn with the seed."""
    engine = create_db_engine(f"sqlite:///{database}")
    with read_session(engine) as session:
        films = sorted({film for film in session.exec(select(Judgement.film_id)) if film})
    engine.dispose()
    addresses = [f"/api/v1/films/{film}" for film in films]
    random.Random(_SEED).shuffle(addresses)
    return addresses


def measure_throughput(database: Path, rounds: int, seconds: int, folder: Path) -> None:
    """Print the first table."""
    addresses, hello_rates = list_addresses(database), list[float]()
    rates: dict[str, list[float]] = {mode: [] for mode in _AIMS}
    with serve_database(database) as site, serve_database(None) as hello:
        for turn in range(rounds):
            hello_rates.append(measure_rate(hello, None, "", seconds, folder))
            fresh = addresses[turn * _FRESH_FILMS : (turn + 1) * _FRESH_FILMS]
            for mode in _AIMS:
                requested = fresh if mode == "once" else addresses[-_REPEATED_FILMS:]
                rates[mode].append(measure_rate(site, Row("film", mode, requested), f"{turn}-", seconds, folder))
            if rates["once"][-1] * seconds > _FRESH_FILMS:
                raise SystemExit("films were asked twice: there are too few of them for so many seconds")
    print(f"{rounds} rounds of {seconds} s a row; hello {statistics.median(hello_rates):.0f} answers/s")
    print("a film and its offers   answers/s  ratio  over rounds")
    for mode, aim in _AIMS.items():
        ratios = [rate / hello for rate, hello in zip(rates[mode], hello_rates, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        row = f"{mode:22} {statistics.median(rates[mode]):10.0f} {statistics.median(ratios):6.2f}  {spread:14} {aim}"
        print(row.rstrip(), flush=True)


def measure_batches(database: Path) -> None:
    """Print the time of a batch, its answer made and read back in full."""
    engine, chance = create_db_engine(f"sqlite:///{database}"), random.Random(_SEED)
    app = create_app(engine)
    set_quota(app, 10**9)
    with read_session(engine) as session:
        values = list(session.exec(select(FilmIdentifier.value).where(FilmIdentifier.scheme == "imdb")))
    client = app.test_client()
    for name, offers in (("500 identifiers", False), ("with their offers", True)):
        durations = []
        for _ in range(_BATCHES):
            items = [{"scheme": "imdb", "value": value} for value in chance.sample(values, _BATCH_SIZE)]
            started = time.perf_counter()
            answer = client.post("/api/v1/lookup", json={"items": items, "offers": offers})
            durations.append(1000 * (time.perf_counter() - started))
            assert all(result["status"] == "found" for result in answer.get_json()["results"])
        durations.sort()
        percentiles = f"median {statistics.median(durations):5.0f} ms, p95 {durations[int(0.95 * len(durations))]:5.0f} ms"
        print(f"{name:22} {percentiles}, {_BATCHES} batches{'' if offers else ' (aim 150 ms)'}", flush=True)


@contextmanager
def open_scene_app(folder: Path) -> Iterator[Flask]:
    """Open the application over the scene of the tests, with a few more identifiers."""
    engine = create_db_engine(f"sqlite:///{folder / 'scene.db'}")
    upgrade(engine)
    build_scene(engine, datetime.now(UTC) - timedelta(hours=1))
    with write_session(engine) as session:
        for scheme, value in (("cnc", "1966/1"), ("visa", "31222"), ("wikidata", "Q105702")):
            session.add(FilmIdentifier(film_id=1, scheme=scheme, value=value))
    app = create_app(engine)
    set_quota(app, 10**9)
    yield app
    engine.dispose()


def fuzz_api(folder: Path, examples: int, seeds: int) -> None:
    """Print what schemathesis made and found."""
    with open_scene_app(folder) as app:
        for seed in range(1, seeds + 1):
            started = time.perf_counter()
            report = fuzz_document(app, examples, seed)
            calls, seconds = report.checks["not_a_server_error"], time.perf_counter() - started
            print(f"schemathesis, seed {seed}, {examples} examples: {calls} calls, {sum(report.checks.values())} checks, "
                  f"{len(report.faults)} failures, {seconds:.0f} s", flush=True)  # fmt: skip
            for location, fault in report.faults.items():
                print(location, fault)


def main() -> None:
    """Print the three parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("bench.api needs wrk (on Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run_alone(fill_database, folder / "api.db")
        measure_throughput(folder / "api.db", args.rounds, args.seconds, folder)
        run_alone(measure_batches, folder / "api.db")
        fuzz_api(folder, args.examples, args.seeds)


if __name__ == "__main__":
    main()
