"""Measures the search: `python -m bench.searching --data ../shared/data`.

On the world base grown to 200,000 films, then 700,000 (bench.scaling), taken in by the site's own code in a SQLite file.
Typos: one letter of a title dropped, doubled, swapped with the next or replaced; 2,000 known films (popularity 60 at least,
title of five letters at least), and 2,000 of any; searched as the results page searches. A title alone cannot tell homonyms
apart: the share is told for the film itself, and for a film of that title. Suggestions: every beginning of 3 to 13 letters of
600 titles, half of them known, each asked once of the whole application. Seed 7. Sizes: `--sizes`.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bench.alone import alone, peak_mb
from bench.scaling import grow
from domain.common.titles import title_key
from domain.db.engine import connect, reading, writing
from domain.db.migrate import upgrade
from domain.films.formats import FilmLine, read_films
from domain.films.upsert import Intake
from domain.models.film import Film, FilmTitle
from matcher.training.gold_sets import WORLD, read_rows
from search.index_holder import titles
from search.results import search_films
from webapp.app import create_app

_SIZES, _SEED = (200_000, 700_000), 7
_KNOWN, _SHORTEST = 60, 5
_TYPOS, _TYPED = 2_000, 300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BATCH, _WARM = 5_000, 100
_AIMS = {200_000: "aims: ten 0.98, first 0.90; p95 10 ms", 700_000: "aim: p95 25 ms"}

Sample = list[tuple[int, str]]


def make_base(data: Path, size: int, database: Path) -> None:
    """A database of that many films."""
    grown = database.with_suffix(".csv")
    grow(read_rows(data / WORLD), grown, size)
    engine = connect(f"sqlite:///{database}")
    upgrade(engine)
    lines = (line for line in read_films(grown) if isinstance(line, FilmLine))
    while batch := list(islice(lines, _BATCH)):
        with writing(engine) as session:
            intake = Intake(session, "films", batch)
            for line in batch:
                intake.place(line)
            intake.write(session, datetime.now(UTC))
    engine.dispose()
    grown.unlink()


def misspelt(title: str, chance: random.Random) -> str:
    """The title with one slip of the finger that leaves another key."""
    places = [place for place, sign in enumerate(title) if sign.isalpha()]
    while True:
        made = _slip(title, chance.choice(places), chance)
        if title_key(made) != title_key(title):
            return made


def _slip(title: str, place: int, chance: random.Random) -> str:
    before, letter, after = title[:place], title[place], title[place + 1 :]
    match chance.choice(("dropped", "doubled", "swapped", "replaced")):
        case "dropped":
            return before + after
        case "doubled":
            return before + letter * 2 + after
        case "swapped":
            return before + after[:1] + letter + after[1:]
    return before + chance.choice(_LETTERS) + after


def samples(session: Session) -> tuple[Sample, Sample]:
    """Known films of the real base, then films of any kind: (number, title), drawn with the seed."""
    chance = random.Random(_SEED)
    told = session.exec(select(Film.id, Film.title, Film.popularity, Film.source_ref).order_by(col(Film.id))).all()
    written = [row for row in told if sum(map(str.isalpha, title_key(row[1]))) >= _SHORTEST]
    known = [row for row in written if (row[2] or 0) >= _KNOWN and row[3].startswith("tt")]
    drawn = (chance.sample(rows, min(_TYPOS, len(rows))) for rows in (known, written))
    first, second = ([(row[0], row[1]) for row in rows] for rows in drawn)
    return first, second


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):6.4f}"


@dataclass(frozen=True)
class Found:
    """Where a film misspelt was found: place of the film itself, and of the first film of that title, from 0; None beyond ten."""

    itself: int | None
    titled: int | None


def find(session: Session, film_id: int, title: str, query: str) -> Found:
    """Where a film is among the first ten for a query."""
    hits = [hit.film.id for hit in search_films(session, query, 1, datetime.now(UTC)).hits[:10]]
    alike = {film_id, *session.exec(select(FilmTitle.film_id).where(FilmTitle.key == title_key(title)))}
    itself = hits.index(film_id) if film_id in hits else None
    return Found(itself, next((place for place, hit in enumerate(hits) if hit in alike), None))


def measure_typos(engine: Engine, sample: Sample, missed: Path | None) -> str:
    """The shares found, and the time of a search."""
    chance, found, spent = random.Random(_SEED), list[Found](), list[float]()
    for film_id, title in sample:
        query = misspelt(title, chance)
        with reading(engine) as session:
            started = time.perf_counter()
            found.append(find(session, film_id, title, query))
            spent.append(time.perf_counter() - started)
        if missed and found[-1].titled is None:
            with missed.open("a", encoding="utf-8") as file:
                file.write(f"{film_id}\t{title}\t{query}\n")
    places = [one.itself for one in found], [one.titled for one in found]
    shares = [f"{_share([at == 0 for at in some])} {_share([at is not None for at in some])}      " for some in places]
    return " ".join([*shares, _percentiles(spent)])


def _percentiles(spent: Sequence[float]) -> str:
    ordered = sorted(spent)
    return " ".join(f"{1000 * ordered[int(share * (len(ordered) - 1))]:6.1f}" for share in (0.5, 0.95, 0.99))


def beginnings(sample: Sample) -> Iterator[str]:
    """What is typed, letter after letter, to write these titles; each once."""
    yield from dict.fromkeys(title[:length] for _, title in sample for length in range(3, min(13, len(title)) + 1))


def measure_suggestions(app: Flask, typed: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds by the clock, and of processor, of each answer of the whole application."""
    client, clock, processor = app.test_client(), list[float](), list[float]()
    for text in typed:
        address = f"/suggestions?q={quote(text)}"
        started, worked = time.perf_counter(), time.thread_time()
        answer = client.get(address)
        clock.append(time.perf_counter() - started)
        processor.append(time.thread_time() - worked)
        assert answer.status_code == 200
    return clock, processor


def measure(database: Path, size: int, missed: Path | None) -> None:
    """Prints what was measured on a database."""
    engine = connect(f"sqlite:///{database}")
    app = create_app(engine)
    with app.test_request_context():
        started = time.perf_counter()
        with reading(engine) as session:
            titles().prepare()
            titles().wait()
            folder = titles().index(session).folder
            known, every = samples(session)
        built = time.perf_counter() - started
        weight = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
        told = f"index made in {built:.0f} s, {weight:.0f} MB on disk, peak of memory {peak_mb()} MB"
        print(f"{size} films ({_AIMS.get(size, 'no aim')}): {told}")
        print("  typos               the film: first, ten  that title: first, ten   ms p50    p95    p99")
        for name, sample in (("known films", known), ("any film", every)):
            print(f"  {name:12} {len(sample):5}      {measure_typos(engine, sample, missed)}", flush=True)
    _print_suggestions(app, [*known[:_TYPED], *every[:_TYPED]])
    print(f"  peak of memory of all this: {peak_mb()} MB", flush=True)


def _print_suggestions(app: Flask, sample: Sample) -> None:
    typed = list(beginnings(sample))
    measure_suggestions(app, [f"{text}é" for text in typed[:_WARM]])
    clock, processor = measure_suggestions(app, typed)
    print(f"  suggestions  {len(typed):5} beginnings, each asked once:                     ms p50    p95    p99")
    for name, spent in (("by the clock", clock), ("of processor", processor)):
        print(f"    {name:62}  {_percentiles(spent)}", flush=True)


def main() -> None:
    """Prints one block a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES)
    parser.add_argument("--missed", type=Path, help="a file for the typos whose title was not found")
    asked = parser.parse_args()
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            os.environ["OUVOIR_VAR"] = scratch  # read by the processes to come
            database = Path(scratch) / "ouvoir.db"
            alone(make_base, asked.data, size, database)
            alone(measure, database, size, asked.missed)


if __name__ == "__main__":
    main()
