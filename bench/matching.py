"""Measure `ouvoir match`: `python -m bench.matching --data ../shared/data`.

The CNC's base with the shared catalogues, then the world base grown to 200,000 films (see `bench.scaling`) with 300,000 entries:
the first time, when nothing changed, when 1 % of the films and of the entries did, and a full pass after that. Each row gives
the seconds of processor and the peak of memory of the whole command, and what it said last.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from bench.scaling import grow_reference, misspell
from domain.common.batches import iter_batches
from domain.common.environment import ROOT
from domain.db.engine import create_db_engine, write_session
from domain.models.film import Film
from domain.runs.observation import ObservedEntry
from matcher.training.gold_sets import CNC_REFERENCE, WORLD_REFERENCE, Rows, read_catalogue_set, read_rows
from tests.domain.builders import collect_run, make_platform

_CATALOGUES = ("orange_vod_noid", "mediatheque_numerique", "france_tv", "mubi", "jw_netflix", "jw_disney")
_FIRST_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
_GROWN_SIZE, _ENTRIES, _SERVICES, _SEED = 200_000, 300_000, 40, 7
_CHANGED_SHARE, _ABSENT_SHARE = 0.01, 0.3
Catalogues = dict[str, list[ObservedEntry]]


def read_shared_catalogues(data: Path) -> Catalogues:
    """Read the shared catalogues, by the name of a platform."""
    catalogues = {}
    for name in _CATALOGUES:
        rows = read_catalogue_set(data, name, f"catalogue_{name}.csv.gz", CNC_REFERENCE).entries
        catalogues[name] = [_make_observation(row["id"], row) for row in rows]
    return catalogues


def invent_catalogues(films: Rows) -> Catalogues:
    """Invent the catalogues of forty services: films of the base, three in ten misspelt, and three in ten of no film."""
    chance = random.Random(_SEED)
    catalogues: Catalogues = {f"service-{rank}": [] for rank in range(_SERVICES)}
    names = list(catalogues)
    for rank in range(_ENTRIES):
        film = dict(chance.choice(films))
        if chance.random() < _ABSENT_SHARE:
            other = chance.choice(films)
            film["title"] = f"{film['title'].split()[0]} {other['title'].split()[-1]} {rank}"
            film["directors"] = other["directors"]
        elif chance.random() < _ABSENT_SHARE:
            film["title"] = misspell(film["title"], chance)
        catalogues[names[rank % _SERVICES]].append(_make_observation(str(rank), film))
    return catalogues


def _make_observation(ref: str, row: dict[str, str]) -> ObservedEntry:
    return ObservedEntry(
        ref=ref,
        title=row["title"],
        original_title=row.get("original_title") or None,
        year=int(row["year"]) if row["year"] else None,
        runtime_min=int(row["runtime_min"]) or None if row.get("runtime_min") else None,
        directors=tuple(filter(None, row["directors"].split("|"))),
        countries=tuple(filter(None, row["countries"].split("|"))),
    )


def change_entries(catalogues: Catalogues, chance: random.Random) -> Catalogues:
    """Return the catalogues of the next day: of a hundred entries, one has another title or year, left, or came."""
    changed = {}
    for name, entries in catalogues.items():
        rows = dict(enumerate(entries))
        for rank in chance.sample(range(len(entries)), max(1, round(len(entries) * _CHANGED_SHARE))):
            entry = rows.pop(rank)
            action = chance.randrange(3)
            if action == 0:
                rows[rank] = entry.model_copy(update={"title": misspell(entry.title, chance)})
            elif action == 1:
                rows[rank] = entry.model_copy(update={"year": (entry.year or 1980) + 1})
            else:
                rows[rank] = entry.model_copy(update={"ref": f"{entry.ref} bis"})
        changed[name] = list(rows.values())
    return changed


def collect_catalogues(engine: Engine, catalogues: Catalogues, at: datetime) -> None:
    """Collect the catalogues, each in its transaction."""
    for name, entries in catalogues.items():
        with write_session(engine) as session:
            collect_run(session, make_platform(session, name), entries, at)


def change_films(engine: Engine, chance: random.Random) -> None:
    """Give one film in a hundred another year, another director, or a misspelt title."""
    with write_session(engine) as session:
        film_ids = list(session.exec(select(Film.id).order_by(col(Film.id))))
        changed_ids = chance.sample(film_ids, round(len(film_ids) * _CHANGED_SHARE))
        for batch in iter_batches(changed_ids, 500):
            for film in session.exec(select(Film).where(col(Film.id).in_(batch)).order_by(col(Film.id))):
                _change_film(film, chance)


def _change_film(film: Film, chance: random.Random) -> None:
    action = chance.randrange(3)
    film.updated_at = datetime.now(UTC)
    if action == 0:
        film.year = (film.year or 1980) + 1
    elif action == 1:
        film.directors = [misspell(name, chance) for name in film.directors]
    else:
        film.title = misspell(film.title, chance)


def run_command(folder: Path, *words: str) -> tuple[float, int, str]:
    """Return the seconds of processor of an `ouvoir` command, its peak of memory in megabytes, and its last line."""
    command = [sys.executable, "-m", "bench.peak", sys.executable, "-c", "from cli.main import main; main()", *words]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"OUVOIR_VAR": str(folder), "PYTHONPATH": str(ROOT)}
    output = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    text, _, peak = output.rpartition("peak_mb=")
    return seconds, int(peak), text.strip().rpartition("\n")[2]


def measure(folder: Path, reference: Path, catalogues: Catalogues) -> Iterator[str]:
    """Yield a row a pass over a base of films and these catalogues."""

    def match(label: str, *options: str) -> str:
        seconds, peak_mb, summary = run_command(folder, "match", *options)
        return f"  {label:22} {seconds:6.2f} s {peak_mb:5} MB  {summary}"

    run_command(folder, "import", str(reference), "--layout", "films")
    engine, chance = create_db_engine(f"sqlite:///{folder / 'ouvoir.db'}"), random.Random(_SEED)
    collect_catalogues(engine, catalogues, _FIRST_AT)
    yield match("first time")
    yield match("nothing new")
    yield match("nothing new, again")
    collect_catalogues(engine, change_entries(catalogues, chance), _FIRST_AT + timedelta(days=1))
    change_films(engine, chance)
    yield match("1 % changed")
    yield match("nothing new")
    yield match("all decided again", "--full")
    engine.dispose()


def _measure_real(folder: Path, data: Path) -> Iterator[str]:
    catalogues = read_shared_catalogues(data)
    yield f"CNC's base, {sum(map(len, catalogues.values()))} entries of {len(catalogues)} shared catalogues:"
    yield from measure(folder, data / CNC_REFERENCE, catalogues)


def _measure_grown(folder: Path, data: Path) -> Iterator[str]:
    grow_reference(read_rows(data / WORLD_REFERENCE), folder / "grown.csv", _GROWN_SIZE)
    catalogues = invent_catalogues(read_rows(folder / "grown.csv"))
    yield f"{_GROWN_SIZE} films, {_ENTRIES} entries of {_SERVICES} services:"
    yield from measure(folder, folder / "grown.csv", catalogues)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the shared bases and catalogues")
    parser.add_argument("--small", action="store_true", help="the CNC's base only")
    args = parser.parse_args()
    tables: list[Callable[[Path, Path], Iterator[str]]] = [_measure_real]
    if not args.small:
        tables.append(_measure_grown)
    for table in tables:
        with tempfile.TemporaryDirectory() as scratch:
            for row in table(Path(scratch), args.data):
                print(row, flush=True)


if __name__ == "__main__":
    main()
