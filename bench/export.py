"""Measure the export of open data: `python -m bench.export`.

Two invented bases of 200,000 films at forty services, with 30,000 then 300,000 offers (seed 7), each exported by the command
itself: seconds, seconds of processor, peak of memory, bytes written. With `--check`, frictionless then reads every line of
every CSV against its schema (some minutes).
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from bench.alone import run_alone
from bench.stage import OUVOIR
from domain.common.enums import Access, AuthorKind, LegalBasis, Outcome, Quality, ReasonCode, RunState, TitleKind, Verdict
from domain.db.engine import create_db_engine, write_session
from domain.db.migrate import upgrade
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from opendata.manifest import read_manifest

_FILMS, _OFFERS, _SERVICES, _SEED = 200_000, (30_000, 300_000), 40, 7
_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
_WORDS = "amour nuit été mer rue pont rêve jardin l'été œuvre".split()
_BATCH = 5_000
Rows = Iterator[dict[str, Any]]


def make_database(database: Path, offers: int) -> None:
    """Build a database of that many offers, written in bulk."""
    engine = create_db_engine(f"sqlite:///{database}")
    upgrade(engine)
    service_ids = range(1, _SERVICES + 1)
    film_ids = range(1, _FILMS + 1)
    entry_ids = range(1, offers // 2 + 1)
    with write_session(engine) as session:
        _insert_rows(session, Platform, map(_make_platform, service_ids))
        _insert_rows(session, Run, map(_make_run, service_ids))
        _insert_rows(session, Film, map(_make_film, film_ids))
        _insert_rows(session, FilmTitle, map(_make_title, film_ids))
        _insert_rows(session, FilmIdentifier, map(partial(_make_identifier, "imdb"), film_ids))
        _insert_rows(session, FilmIdentifier, map(partial(_make_identifier, "tmdb"), film_ids))
        _insert_rows(session, Entry, map(_make_entry, entry_ids))
        _insert_rows(session, Judgement, map(_make_judgement, entry_ids))
        _insert_rows(session, Offer, map(_make_offer, range(offers)))
    engine.dispose()


def _insert_rows(session: Session, table: type[SQLModel], rows: Rows) -> None:
    while batch := list(islice(rows, _BATCH)):
        session.execute(insert(table), batch)


def _make_platform(platform_id: int) -> dict[str, Any]:
    law = {
        "legal_basis": LegalBasis.CONTRACT,
        "legal_evidence": "Service inventé pour mesurer.",
        "legal_checked_on": date(2026, 11, 1),
    }
    lists: dict[str, Any] = {
        "accesses": ["rent", "buy"],
        "replaces": [],
        "hosts": [f"service-{platform_id}.example"],
        "expect": {},
    }
    return {
        "id": platform_id,
        "slug": f"service-{platform_id}",
        "name": f"Service {platform_id}",
        "operator": "Exemple",
        "current_run_id": platform_id,
        **law,
        **lists,
    }


def _make_run(platform_id: int) -> dict[str, Any]:
    counts = {"rows": 10_000, "kept": 10_000}
    state = {"state": RunState.ACCEPTED, "outcome": Outcome.COMPLETE, "hold_reasons": [], "counts": counts, "documents": []}
    times = {"started_at": _AT, "ended_at": _AT}
    return {"id": platform_id, "platform_id": platform_id, **state, "code_version": "bench", **times}


def _make_film(film_id: int) -> dict[str, Any]:
    title = f"{' '.join(random.Random(film_id).choices(_WORDS, k=4))} {film_id}"
    lists: dict[str, Any] = {"directors": ["Prénom Nom", "Autre Nom"], "countries": ["France"], "genres": []}
    lists["merged_attributes"] = {}
    facts = {"year": 1950 + film_id % 76, "runtime_min": 60 + film_id % 90, "content_hash": "", "updated_at": _AT}
    names = {
        "source": "films",
        "source_ref": str(film_id),
        "title": title,
        "original_title": f"Original {film_id}",
        "slug": "un-film",
    }
    return {"id": film_id, **names, **facts, **lists}


def _make_title(film_id: int) -> dict[str, Any]:
    title = f"Original {film_id}"
    return {"film_id": film_id, "title": title, "kind": TitleKind.ORIGINAL, "language": "en", "key": "", "source": ""}


def _make_identifier(scheme: str, film_id: int) -> dict[str, Any]:
    return {"film_id": film_id, "scheme": scheme, "value": f"{scheme}{film_id}", "source": ""}


def _make_entry(entry_id: int) -> dict[str, Any]:
    platform = 1 + entry_id % _SERVICES
    facts = {"title": "Un film", "directors": [], "countries": [], "ids": {}, "content_hash": ""}
    runs = {"first_run_id": platform, "last_run_id": platform}
    return {"id": entry_id, "platform_id": platform, "ref": str(entry_id), **facts, **runs}


def _make_judgement(entry_id: int) -> dict[str, Any]:
    film_id = random.Random(f"{_SEED}-{entry_id}").randrange(_FILMS) + 1
    decision = {
        "author_kind": AuthorKind.MATCHER,
        "matcher_version": "2026-11-22",
        "by_person": False,
        "decided_at": _AT,
        "probability": 0.9987,
        "reason_code": ReasonCode.COMPARISONS,
        "reason_params": {},
        "earlier_reasons": [],
        "weights_by_level": {},
    }
    return {"entry_id": entry_id, "film_id": film_id, "verdict": Verdict.SAME, "content_hash": "", **decision}


def _make_offer(offer_id: int) -> dict[str, Any]:
    entry = 1 + offer_id // 2
    platform = 1 + entry % _SERVICES
    terms: dict[str, Any] = {
        "access": (Access.RENT, Access.BUY)[offer_id % 2],
        "price_cents": 299 + offer_id % 500,
        "currency": "EUR",
    }
    versions: dict[str, Any] = {"quality": Quality.HD, "languages": ["VF", "VOSTFR"], "audio_description": True, "sdh": False}
    seen = {"first_seen": _AT, "last_seen": _AT, "first_run_id": platform, "last_run_id": platform}
    url = f"https://service-{platform}.example/films/un-film-{entry}"
    return {
        "entry_id": entry,
        "identity": str(offer_id),
        **terms,
        **versions,
        "ends": _AT + timedelta(days=90),
        "url": url,
        **seen,
    }


def measure_export(database: Path, folder: Path, offers: int) -> None:
    """Export once, and print a row."""
    variables = {"OUVOIR_DATABASE_URL": f"sqlite:///{database}", "OUVOIR_VAR": str(folder)}
    command = [sys.executable, "-m", "bench.peak", str(OUVOIR), "export", "--folder", str(folder / "opendata")]
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = result.stdout.rpartition("peak_mb=")[2].strip()
    manifest = read_manifest(folder / "opendata")
    assert manifest
    rows = {dataset.name: dataset.rows for dataset in manifest.sets}
    size = sum(file.size for file in manifest.iter_files()) // 10**6
    times = f"{seconds:5.1f} s ({processor_seconds:.1f} s of processor)"
    print(f"{offers:>7} offers  {times}  peak {peak} MB  {size} MB written  {rows}", flush=True)


def check_files(folder: Path) -> None:
    """Read every CSV with frictionless, and print a row each."""
    from frictionless import Resource, Schema

    manifest = read_manifest(folder)
    assert manifest
    for dataset in manifest.sets:
        if dataset.schema_file is None:
            continue
        latest = folder / "latest"
        schema = Schema.from_descriptor(json.loads((latest / dataset.schema_file.name).read_text("utf-8")))
        report = Resource(path=dataset.files[0].name, basepath=str(latest), schema=schema, encoding="utf-8").validate()
        verdict = "valid" if report.valid else report.flatten(["rowNumber", "fieldName", "type"])[:3]
        print(f"{dataset.name}: {dataset.rows} lines, {verdict}")


def main() -> None:
    """Build each database, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for offers in _OFFERS:
            database, folder = Path(scratch) / f"{offers}.db", Path(scratch) / str(offers)
            run_alone(make_database, database, offers)
            measure_export(database, folder, offers)
            if args.check:
                run_alone(check_files, folder / "opendata")


if __name__ == "__main__":
    main()
