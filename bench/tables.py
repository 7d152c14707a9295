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
from domain.common.enums import Access, LegalBasis, Outcome, Quality, RunState, Verdict
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
    told: tuple[tuple[type[SQLModel], Rows], ...] = (
        (Film, (_make_film(number, chance) for number in range(1, films + 1))),
        (
            FilmDirector,
            ({"film_id": one, "key": f"d{one % 20_000}", "name": f"Nom {one % 20_000}"} for one in range(1, films + 1)),
        ),
        (Platform, map(_make_platform, services)),
        (Run, (_make_run(service, place) for service in services for place in (0, 1))),
        (Entry, (_make_entry(number) for number in range(1, offers // 2 + 1))),
        (Judgement, (_make_judgement(number, films, chance) for number in range(1, offers // 2 + 1))),
        (Offer, _make_offers(offers, periods, chance)),
    )
    for table, rows in told:
        _insert_rows(engine, table, iter(rows))
    engine.dispose()


def _insert_rows(engine: Any, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, _BATCH)):
        with write_session(engine) as session:
            session.execute(insert(table), batch)


def _make_film(number: int, chance: random.Random) -> dict[str, Any]:
    year = chance.randint(1930, 2026)
    names = {"id": number, "source": "films", "source_ref": str(number), "title": f"Film {number}", "slug": "film"}
    facts = {
        "year": year,
        "release_date": date(year, 1, 7),
        "countries": chance.choice(_COUNTRIES),
        "genres": chance.choice(_GENRES),
    }
    seen = chance.choice((None, 5_000, 60_000, 2_000_000))
    constants = {"directors": [], "merged_attributes": {}, "content_hash": "", "updated_at": _START}
    return {**names, **facts, **constants, "admissions": seen}


def _make_platform(number: int) -> dict[str, Any]:
    told = {
        "id": number,
        "slug": f"service-{number}",
        "name": f"Service {number}",
        "operator": "",
        "legal_basis": LegalBasis.OPEN,
    }
    lists: dict[str, Any] = {"accesses": [], "replaces": [], "hosts": [], "expect": {}}
    return {**told, **lists, "legal_evidence": "", "legal_checked_on": date(2026, 1, 1), "current_run_id": 2 * number}


def _make_run(service: int, place: int) -> dict[str, Any]:
    when = _END if place else _START
    told = {"id": 2 * service - 1 + place, "platform_id": service, "state": RunState.ACCEPTED, "outcome": Outcome.COMPLETE}
    return {**told, "counts": {"rows": 10, "kept": 10}, "documents": [], "code_version": "", "started_at": when, "ended_at": when}


def _make_entry(number: int) -> dict[str, Any]:
    service = 1 + number % _SERVICES
    told = {"id": number, "platform_id": service, "ref": str(number), "title": f"Ligne {number}", "content_hash": ""}
    return {**told, "directors": [], "countries": [], "ids": {}, "first_run_id": 2 * service - 1, "last_run_id": 2 * service}


def _make_judgement(number: int, films: int, chance: random.Random) -> dict[str, Any]:
    film = None if number % _UNLINKED == 0 else chance.randint(1, films)
    verdict = Verdict.SAME if film else Verdict.NONE
    told = {"entry_id": number, "film_id": film, "verdict": verdict, "who": "matcher", "reason": "titre exact +10,0"}
    return {**told, "decided_at": _START, "clues": {}, "by_person": False, "content_hash": ""}


def _make_offers(offers: int, periods: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    length = (_END - _START) / periods
    for number in range(offers):
        entry, access = number // 2 + 1, (Access.RENT, Access.BUY)[number % 2] if number % 4 < 2 else list(Access)[number % 5]
        service = 1 + entry % _SERVICES
        price = chance.choice((299, 399, 499)) if access in (Access.RENT, Access.BUY) else None
        told = {"entry_id": entry, "identity": f"{access}{number % 2}", "access": access, "quality": chance.choice(list(Quality))}
        told |= {"languages": chance.choice((["VF"], ["VOSTFR"], [])), "audio_description": chance.choice((None, True, False))}
        for period in range(periods):
            begins, last = _START + period * length, period == periods - 1
            seen = {"first_seen": begins, "last_seen": begins, "first_run_id": 2 * service - 1, "last_run_id": 2 * service}
            yield {**told, **seen, "price_cents": price, "closed_at": None if last else begins + length}


class Cost(NamedTuple):
    """Represent what a table takes: seconds, those of the processor alone, the peak of memory in megabytes; and its rows."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    lines: int


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
        found = {}
        for key in keys:
            cost = run_alone(measure_table, database, key, _END + timedelta(hours=10))
            found[key] = cost.cpu_seconds
            print(
                f"  {key:18} {cost.seconds:6.2f} s ({cost.cpu_seconds:5.2f}) {cost.peak_mb:5} MB {cost.lines:5} lines", flush=True
            )
    return found


def main() -> None:
    """Build each database, measure every table on it, then print how the cost grows with the periods."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the first base only")
    parser.add_argument("--tables", nargs="+", default=TABLE_KEYS, choices=TABLE_KEYS, metavar="KEY", help="these tables only")
    asked = parser.parse_args()
    _measure_all(*_SMALL, 1, asked.tables)
    if asked.small:
        return
    found = {periods: _measure_all(*_LARGE, periods, asked.tables) for periods in _PERIODS}
    print(
        f"{_LARGE[0]} films, {_LARGE[1]} offers: processor at {', '.join(map(str, _PERIODS))} periods an offer, last over first"
    )
    for key in asked.tables:
        seconds = [found[periods][key] for periods in _PERIODS]
        print(f"  {key:18}" + "".join(f"{one:8.2f}" for one in seconds) + f"   x {seconds[-1] / seconds[0]:.1f}")


if __name__ == "__main__":
    main()
