"""Measure the reconciliation service through HTTP: `python -m bench.reconcile --data ../shared/data [--specs DIR]`.

On the CNC's base, behind the server of production in a process of its own: how long the first reading takes and what it weighs;
then rows drawn with a seed from the AFCAE list (title and director only) in batches of 10 and of 50, one client after the other,
then four at once; then the whole list, what is `match` being compared with the truth as bench.linking does, beside its figure.
With `--specs`, a copy of github.com/reconciliation-api/specs, answers are validated with the specification's own schemas.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7
from sqlmodel import select

from bench.joining import import_source
from bench.linking import FROZEN, Measure, measure_links
from domain.common.environment import ROOT
from domain.db.engine import create_db_engine, read_session
from domain.models.film import Film
from matcher.reconcile import build_row_matcher
from matcher.training.gold_sets import CNC_REFERENCE, Rows, read_afcae_set
from webapp.reconcile.properties import PROPERTIES
from webapp.serve import open_server

_PATH = "/api/rapprochement"
_SEED, _BATCHES, _CLIENTS = 2026, 200, 4
_LARGE_BATCH = 50
Answers = dict[str, list[Any]]


class Client:
    """Query the service over one connection, kept open."""

    def __init__(self, origin: str) -> None:
        self._connection = HTTPConnection(urlsplit(origin).netloc, timeout=60)

    def send_query(self, path: str, sent: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        body = urlencode({name: json.dumps(value) for name, value in sent.items()}) if sent else None
        method, headers = ("POST", {"Content-Type": "application/x-www-form-urlencoded"}) if sent else ("GET", {})
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def _build_batch(rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Build rows as OpenRefine sends them: the title, and the directors as they stand in their cell."""
    batch = {}
    for row in rows:
        properties = [{"pid": "directors", "v": row["directors"]}] if row["directors"] else []
        batch[row["id"]] = {"query": row["title"], "properties": properties}
    return batch


@contextmanager
def _serve_in_process(database: Path) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "bench.reconcile", "--serve", str(database)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip(), server.pid
        finally:
            server.terminate()


def _read_memory(pid: int, field: str) -> int:
    """Return the megabytes that a process holds (VmRSS) or held at most (VmHWM)."""
    match = re.search(rf"^{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(match[1]) // 1024 if match else 0


def _measure_first_reading(client: Client, rows: Rows, pid: int) -> str:
    before, started = _read_memory(pid, "VmRSS"), time.perf_counter()
    client.send_query(_PATH)
    tries = 1
    while client.send_query(_PATH, {"queries": _build_batch(rows[:1])})[0] == 503:
        tries += 1
        time.sleep(0.2)
    seconds = time.perf_counter() - started
    memory = f"{before} MB before, {_read_memory(pid, 'VmRSS')} MB after, {_read_memory(pid, 'VmHWM')} MB at most"
    return f"first reading of the base: {seconds:.1f} s ({tries - 1} answers 503 meanwhile); {memory}"


def _measure_speed(client: Client, rows: Rows, size: int) -> str:
    chance, durations = random.Random(_SEED), []
    for _ in range(_BATCHES):
        batch = _build_batch(chance.sample(rows, size))
        started = time.perf_counter()
        status, _ = client.send_query(_PATH, {"queries": batch})
        assert status == 200, status
        durations.append(time.perf_counter() - started)
    median, p95 = statistics.median(durations), statistics.quantiles(durations, n=20)[-1]
    rate = size * _BATCHES / sum(durations)
    return f"batches of {size:2}, one client: {rate:6.0f} queries/s, median {1000 * median:5.1f} ms, p95 {1000 * p95:5.1f} ms"


def _measure_concurrency(origin: str, rows: Rows) -> str:
    def work(seed: int) -> int:
        client, chance = Client(origin), random.Random(seed)
        batches = [_build_batch(chance.sample(rows, 10)) for _ in range(_BATCHES // _CLIENTS)]
        return sum(client.send_query(_PATH, {"queries": batch})[0] == 503 for batch in batches)

    started = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        refused = sum(pool.map(work, range(_CLIENTS)))
    rate = 10 * (_BATCHES - refused) / (time.perf_counter() - started)
    return f"batches of 10, {_CLIENTS} clients: {rate:6.0f} queries/s answered, {refused} of {_BATCHES} batches told to come back"


def _reconcile_all(client: Client, rows: Rows, answers: Answers) -> dict[str, list[dict[str, Any]]]:
    """Return what the service answers to the whole list."""
    results: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(rows), _LARGE_BATCH):
        batch = _build_batch(rows[start : start + _LARGE_BATCH])
        status, answer = client.send_query(_PATH, {"queries": batch})
        assert status == 200, answer
        answers["reconciliation-query-batch"].append(batch)
        answers["reconciliation-result-batch"].append(answer)
        results |= {entry_id: reply["result"] for entry_id, reply in answer.items()}
    return results


def _make_links(results: dict[str, list[dict[str, Any]]], refs: dict[str, str]) -> Iterator[dict[str, str]]:
    for entry_id, candidates in results.items():
        is_sure = bool(candidates) and candidates[0]["match"]
        if is_sure:
            yield {"entry_id": entry_id, "film_id": refs[candidates[0]["id"]], "decision": "auto"}
        else:
            yield {"entry_id": entry_id, "film_id": "", "decision": "review" if candidates else "none"}


def _format_measure(name: str, measure: Measure) -> str:
    shares = f"precision {measure.precision or 0:.4f} (bound {measure.bound or 0:.4f}), recall {measure.recall or 0:.4f}"
    return f"{name:44} {measure.auto:5} of {measure.entries} rows, {measure.wrong:3} wrong: {shares}"


def _query_other_endpoints(client: Client, rows: Rows, films: Sequence[str], answers: Answers) -> None:
    """Query the rest of the service once for each title of a few, so that its shapes can be validated."""
    answers["manifest"].append(client.send_query(_PATH)[1])
    for row in rows[:20]:
        answers["suggest-entities-response"].append(
            client.send_query(f"{_PATH}/suggestions/films?prefix={quote(row['title'][:8])}")[1]
        )
    answers["suggest-properties-response"].append(client.send_query(f"{_PATH}/suggestions/proprietes?prefix=")[1])
    answers["suggest-types-response"].append(client.send_query(f"{_PATH}/suggestions/types?prefix=")[1])
    extension = {"ids": list(films[:200]), "properties": [{"id": name} for name in PROPERTIES]}
    answers["data-extension-query"].append(extension)
    answers["data-extension-response"].append(client.send_query(_PATH, {"extend": extension})[1])


def _validate_answers(specs: Path, answers: Answers) -> Iterator[str]:
    folder = specs / "0.2" / "schemas"
    schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    named = [(schema["$id"], DRAFT7.create_resource(schema)) for schema in schemas.values() if "$id" in schema]
    registry: Registry[Any] = Registry().with_resources(named)
    for name, documents in answers.items():
        validator = Draft7Validator(schemas[name], registry=registry)
        errors = chain.from_iterable(map(validator.iter_errors, documents))
        faults = [error.json_path for error in errors]
        yield " ".join([f"{name:30} {len(documents):4} documents, {len(faults)} faults", *faults[:3]])


def run_bench(data: Path, specs: Path | None, database: Path) -> None:
    """Print the table."""
    print(import_source(data.resolve(), f"sqlite:///{database}", (CNC_REFERENCE, "films", "cnc")), flush=True)
    with read_session(create_db_engine(f"sqlite:///{database}")) as session:
        refs = {str(film_id): ref for film_id, ref in session.exec(select(Film.id, Film.source_ref))}
    labelled, answers = read_afcae_set(data), {name: list[Any]() for name in _SCHEMA_NAMES}
    rows = labelled.entries
    with _serve_in_process(database) as (origin, pid):
        client = Client(origin)
        print(_measure_first_reading(client, rows, pid), flush=True)
        for size in (10, _LARGE_BATCH):
            print(_measure_speed(client, rows, size), flush=True)
        print(_measure_concurrency(origin, rows), flush=True)
        measure = measure_links(labelled, _make_links(_reconcile_all(client, rows, answers), refs))
        _query_other_endpoints(client, rows, list(refs), answers)
    print(_format_measure("AFCAE, title and director, `match: true`", measure))
    print(
        _format_measure(
            "AFCAE, bench.linking as frozen (file, list whole)", Measure(**json.loads(FROZEN.read_text("utf-8"))["AFCAE"])
        )
    )
    print("\n".join(_validate_answers(specs, answers)) if specs else "schemas of the specification: not tried (--specs DIR)")


_SCHEMA_NAMES = (
    *("manifest", "reconciliation-query-batch", "reconciliation-result-batch", "suggest-entities-response"),
    *("suggest-properties-response", "suggest-types-response", "data-extension-query", "data-extension-response"),
)


def serve_database(database: Path) -> None:
    """Serve a database on a free port until stopped; print the address."""
    server = open_server(create_db_engine(f"sqlite:///{database}"), "127.0.0.1", 0, build_row_matcher)
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


def main() -> None:
    """Measure, or serve what is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the bases and labelled lists")
    parser.add_argument("--specs", type=Path, help="a copy of the specification's repository")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve_database(args.serve)
    elif args.data is None:
        parser.error("--data is expected")
    else:
        with tempfile.TemporaryDirectory() as scratch:
            run_bench(args.data, args.specs, Path(scratch) / "ouvoir.db")


if __name__ == "__main__":
    main()
