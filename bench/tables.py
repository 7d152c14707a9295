"""Measure the coverage tables: `python -m bench.tables`.

On a base made with a seed (40 services, two offers a line): 30,650 films and 60,000 offers, then 200,000 films and
600,000 offers, whose periods over three years are one, two, then three an offer (all over but the last). Each table is counted as
of the last day in a process of its own, the way a page does; its seconds, between brackets those of the processor alone (what
counts where the machine has other work), and the peak of memory of that process are told.
Then how the cost grows with the periods.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import SQLModel

from bench.alone import peak_mb, run_alone
from domain.common.enums import Access, AuthorKind, LegalBasis, Outcome, Quality, ReasonCode, RunState, Verdict
from domain.coverage.registry import TABLE_KEYS, count_table
from domain.db.engine import create_db_engine, read_session, write_session
from domain.db.migrate import upgrade
from domain.models.entry import Entry
from domain.models.film import Film, FilmDirector
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run

_SMALL, _LARGE = (30_650, 60_000), (200_000, 600_000)
_PERIODS = (1, 2, 3)
_SERVICES, _SEED, _BATCH, _UNLINKED = 40, 7, 5_000, 20
_END = datetime(2026, 11, 22, 12, tzinfo=UTC)
_START = _END - timedelta(days=3 * 365)
_COUNTRIES: tuple[list[str], ...] = (["France"], ["Etats Unis"], ["Italie", "France"], ["Royaume-Uni"], ["Japon"], [])
_GENRES: tuple[list[str], ...] = (["drame"], ["comédie"], ["animation"], ["documentaire"], [])
Rows = Iterable[dict[str, Any]]


def make_database(database: Path, films: int, offers: int, periods: int) -> None:
    """Build a database of that many films and offers, each offer in that many periods."""
    engine, chance = create_db_engine(f"sqlite:///{database}"), random.Random(_SEED)
    upgrade(engine)
    services = range(1, _SERVICES + 1)
    tables: tuple[tuple[type[SQLModel], Rows], ...] = (
        (Film, (_make_film(row_id, chance) for row_id in range(1, films + 1))),
        (
            FilmDirector,
            (
                {"film_id": film_id, "key": f"d{film_id % 20_000}", "name": f"Nom {film_id % 20_000}"}
                for film_id in range(1, films + 1)
            ),
        ),
        (Platform, map(_make_platform, services)),
        (Run, (_make_run(service, rank) for service in services for rank in (0, 1))),
        (Entry, (_make_entry(row_id) for row_id in range(1, offers // 2 + 1))),
        (Judgement, (_make_judgement(row_id, films, chance) for row_id in range(1, offers // 2 + 1))),
        (Offer, _make_offers(offers, periods, chance)),
    )
    for table, rows in tables:
        _insert_rows(engine, table, iter(rows))
    engine.dispose()


def _insert_rows(engine: Any, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, _BATCH)):
        with write_session(engine) as session:
            session.execute(insert(table), batch)


def _make_film(film_id: int, chance: random.Random) -> dict[str, Any]:
    year = chance.randint(1930, 2026)
    names = {"id": film_id, "source": "films", "source_ref": str(film_id), "title": f"Film {film_id}", "slug": "film"}
    facts = {
        "year": year,
        "release_date": date(year, 1, 7),
        "countries": chance.choice(_COUNTRIES),
        "genres": chance.choice(_GENRES),
    }
    admissions = chance.choice((None, 5_000, 60_000, 2_000_000))
    constants = {"directors": [], "merged_attributes": {}, "content_hash": "", "updated_at": _START}
    return {**names, **facts, **constants, "admissions": admissions}


def _make_platform(platform_id: int) -> dict[str, Any]:
    facts = {
        "id": platform_id,
        "slug": f"service-{platform_id}",
        "name": f"Service {platform_id}",
        "operator": "",
        "legal_basis": LegalBasis.OPEN,
    }
    lists: dict[str, Any] = {"accesses": [], "replaces": [], "hosts": [], "expect": {}}
    return {**facts, **lists, "legal_evidence": "", "legal_checked_on": date(2026, 1, 1), "current_run_id": 2 * platform_id}


def _make_run(service: int, rank: int) -> dict[str, Any]:
    moment = _END if rank else _START
    facts = {"id": 2 * service - 1 + rank, "platform_id": service, "state": RunState.ACCEPTED, "outcome": Outcome.COMPLETE}
    return {
        **facts,
        "counts": {"rows": 10, "kept": 10},
        "documents": [],
        "code_version": "",
        "started_at": moment,
        "ended_at": moment,
    }


def _make_entry(entry_id: int) -> dict[str, Any]:
    service = 1 + entry_id % _SERVICES
    facts = {"id": entry_id, "platform_id": service, "ref": str(entry_id), "title": f"Ligne {entry_id}", "content_hash": ""}
    return {**facts, "directors": [], "countries": [], "ids": {}, "first_run_id": 2 * service - 1, "last_run_id": 2 * service}


def _make_judgement(entry_id: int, films: int, chance: random.Random) -> dict[str, Any]:
    film_id = None if entry_id % _UNLINKED == 0 else chance.randint(1, films)
    verdict = Verdict.SAME if film_id else Verdict.NONE
    facts = {"entry_id": entry_id, "film_id": film_id, "verdict": verdict, "by_person": False, "content_hash": ""}
    author = {"author_kind": AuthorKind.MATCHER, "matcher_version": "1", "author_label": ""}
    reason = {"reason_code": ReasonCode.ABOVE_AUTO, "reason_params": {"threshold": 0.65}, "earlier_reasons": []}
    return {**facts, **author, **reason, "decided_at": _START, "weights_by_level": {"title.exact": 10.0}}


def _make_offers(offers: int, periods: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    length = (_END - _START) / periods
    for offer_id in range(offers):
        entry_id = offer_id // 2 + 1
        access = (Access.RENT, Access.BUY)[offer_id % 2] if offer_id % 4 < 2 else list(Access)[offer_id % 5]
        service = 1 + entry_id % _SERVICES
        price = chance.choice((299, 399, 499)) if access in (Access.RENT, Access.BUY) else None
        facts = {
            "entry_id": entry_id,
            "identity": f"{access}{offer_id % 2}",
            "access": access,
            "quality": chance.choice(list(Quality)),
        }
        facts |= {"languages": chance.choice((["VF"], ["VOSTFR"], [])), "audio_description": chance.choice((None, True, False))}
        for period in range(periods):
            begins_at = _START + period * length
            is_last = period == periods - 1
            presence = {
                "first_seen": begins_at,
                "last_seen": begins_at,
                "first_run_id": 2 * service - 1,
                "last_run_id": 2 * service,
            }
            yield {**facts, **presence, "price_cents": price, "closed_at": None if is_last else begins_at + length}


class Cost(NamedTuple):
    """Represent what a table takes: seconds, those of the processor alone, the peak of memory in megabytes; and its rows."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    rows: int


def measure_table(database: Path, key: str, at: datetime) -> Cost:
    """Measure what a table takes as of a moment, in the process that calls."""
    engine = create_db_engine(f"sqlite:///{database}")
    started, processor = time.perf_counter(), time.process_time()
    with read_session(engine) as session:
        table = count_table(session, key, at)
    return Cost(time.perf_counter() - started, time.process_time() - processor, peak_mb(), len(table.body.rows))


def _measure_all(films: int, offers: int, periods: int, keys: Iterable[str]) -> dict[str, float]:
    """Print the cost of each table on a database made for it, and return its seconds of processor."""
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "tables.db"
        run_alone(make_database, database, films, offers, periods)
        print(f"{films} films, {offers} offers, {periods} period(s) an offer", flush=True)
        costs = {}
        for key in keys:
            cost = run_alone(measure_table, database, key, _END + timedelta(hours=10))
            costs[key] = cost.cpu_seconds
            print(
                f"  {key:18} {cost.seconds:6.2f} s ({cost.cpu_seconds:5.2f}) {cost.peak_mb:5} MB {cost.rows:5} lines", flush=True
            )
    return costs


def main() -> None:
    """Build each database, measure every table on it, then print how the cost grows with the periods."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the first base only")
    parser.add_argument("--tables", nargs="+", default=TABLE_KEYS, choices=TABLE_KEYS, metavar="KEY", help="these tables only")
    args = parser.parse_args()
    _measure_all(*_SMALL, 1, args.tables)
    if args.small:
        return
    costs = [_measure_all(*_LARGE, periods, args.tables) for periods in _PERIODS]
    periods = ", ".join(map(str, _PERIODS))
    print(f"{_LARGE[0]} films, {_LARGE[1]} offers: processor at {periods} periods an offer, last over first")
    for key in args.tables:
        cells = "".join(f"{cost[key]:8.2f}" for cost in costs)
        print(f"  {key:18}{cells}   x {costs[-1][key] / costs[0][key]:.1f}")


if __name__ == "__main__":
    main()
