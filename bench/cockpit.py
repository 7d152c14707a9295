"""Measure the agents' pages: `python -m bench.cockpit`.

On the largest base of `bench.tables` (200,000 films, 600,000 offers in three periods each, 40 services), every page is asked for
twice through the application: seconds when nothing is kept, then when it is. Then a run of 20,000 lines is held against another:
seconds to tell what it would change, and to accept it. Nothing travels over a network.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from bench.alone import peak_mb, run_alone
from bench.tables import make_database
from domain.accounts.agents import add_agent
from domain.common.enums import Access, Outcome
from domain.db.engine import create_db_engine, write_session
from domain.db.migrate import upgrade
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, end_run
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.preview import compute_run_differences
from domain.runs.runs import open_run, store_observations
from domain.runs.validation import RunCounts, RunExpectations
from tests.domain.builders import make_platform
from webapp.app import create_app

_PAGES = (
    *("/agents/", "/agents/collectes", "/agents/collectes/6", "/agents/services", "/agents/services/service-3"),
    *("/agents/taches", "/agents/historique"),
)
_LINES = 20_000
_LOGIN, _PASSWORD = "mesure", "un mot de passe de mesure"


def measure_pages(database: Path) -> Iterator[str]:
    """Yield a row a page: seconds the first time, then the second, and its weight."""
    engine = create_db_engine(f"sqlite:///{database}")
    with write_session(engine) as session:
        add_agent(session, _LOGIN, "Mesure", _PASSWORD, datetime.now(UTC))
    client = create_app(engine).test_client()
    client.post("/agents/connexion", data={"login": _LOGIN, "password": _PASSWORD}, headers={"Origin": "http://localhost"})
    for address in _PAGES:
        seconds = []
        for _ in range(2):
            started = time.perf_counter()
            answer = client.get(address)
            seconds.append(time.perf_counter() - started)
            assert answer.status_code == 200, address
        yield f"  {address:28} {seconds[0]:6.2f} s, then {seconds[1]:5.2f} s {len(answer.data) / 1000:7.1f} kB"
    yield f"  {peak_mb()} MB"


def list_page_timings(database: Path) -> list[str]:
    """List the rows of all pages."""
    return list(measure_pages(database))


def _make_observations(first: int, cents: int) -> list[ObservedEntry]:
    prices = {Access.RENT: cents, Access.BUY: cents + 500}
    return [
        ObservedEntry(
            ref=str(entry_id),
            title=f"Film {entry_id}",
            year=1990,
            offers=tuple(ObservedOffer(access=access, price_cents=price) for access, price in prices.items()),
        )
        for entry_id in range(first, first + _LINES)
    ]


def _collect_run(engine: Engine, first: int, cents: int, expect: RunExpectations, at: datetime) -> int:
    with write_session(engine) as session:
        platform = make_platform(session)
        run = open_run(session, platform, at)
        store_observations(session, run.id or 0, _make_observations(first, cents))
        run.counts = RunCounts(rows=_LINES, kept=_LINES).model_dump()
        end_run(session, run, expect, Outcome.COMPLETE, at)
        return run.id or 0


def measure_run(database: Path) -> str:
    """Return the seconds to compute what a held run would change, and to accept it."""
    engine, now = create_db_engine(f"sqlite:///{database}"), datetime.now(UTC)
    upgrade(engine)
    _collect_run(engine, 0, 299, RunExpectations(same_link=1), now - timedelta(days=1))
    run_id = _collect_run(engine, _LINES // 10, 399, RunExpectations(min=10 * _LINES), now)
    with write_session(engine) as session:
        run = session.get_one(Run, run_id)
        started = time.perf_counter()
        differences = compute_run_differences(session, run)
        compare_seconds = time.perf_counter() - started
        accept_held_run(session, run, "mesure", now)
        accept_seconds = time.perf_counter() - started - compare_seconds
    assert differences is not None
    changes = (
        f"{differences.added.count} titles added, {differences.opened.count} offers opened, {differences.closed.count} closed"
    )
    return f"{_LINES} lines ({changes}): told in {compare_seconds:.2f} s, accepted in {accept_seconds:.2f} s, {peak_mb()} MB"


def main() -> None:
    """Build the database, then measure."""
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "tables.db"
        run_alone(make_database, database, 200_000, 600_000, 3)
        print("200,000 films, 600,000 offers, 3 periods an offer, 40 services")
        print("\n".join(run_alone(list_page_timings, database)))
        print(run_alone(measure_run, Path(scratch) / "run.db"))


if __name__ == "__main__":
    main()
