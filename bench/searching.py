"""Measure the search: `python -m bench.searching --data ../shared/data`.

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

from bench.alone import peak_mb, run_alone
from bench.scaling import grow_reference
from domain.common.titles import build_title_key
from domain.db.engine import create_db_engine, read_session, write_session
from domain.db.migrate import upgrade
from domain.films.formats import FilmRecord, read_film_records
from domain.films.upsert import FilmWriter
from domain.models.film import Film, FilmTitle
from matcher.training.gold_sets import WORLD_REFERENCE, read_rows
from search.results import search_films
from webapp.app import create_app
from webapp.core.title_index import get_index_manager, get_title_index

_SIZES, _SEED = (200_000, 700_000), 7
_MIN_POPULARITY, _MIN_LETTERS = 60, 5
_TYPOS, _SUGGESTION_TITLES = 2_000, 300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BATCH, _WARM_UP = 5_000, 100
_AIMS = {200_000: "aims: ten 0.98, first 0.90; p95 10 ms", 700_000: "aim: p95 25 ms"}

Sample = list[tuple[int, str]]


def make_database(data: Path, size: int, database: Path) -> None:
    """Build a database of that many films."""
    grown = database.with_suffix(".csv")
    grow_reference(read_rows(data / WORLD_REFERENCE), grown, size)
    engine = create_db_engine(f"sqlite:///{database}")
    upgrade(engine)
    records = (record for record in read_film_records(grown) if isinstance(record, FilmRecord))
    while batch := list(islice(records, _BATCH)):
        with write_session(engine) as session:
            film_writer = FilmWriter(session, "films", batch)
            for record in batch:
                film_writer.add_record(record)
            film_writer.write_films(session, datetime.now(UTC))
    engine.dispose()
    grown.unlink()


def misspell_title(title: str, chance: random.Random) -> str:
    """Return the title with one slip of the finger that leaves another key."""
    positions = [position for position, sign in enumerate(title) if sign.isalpha()]
    while True:
        misspelt = _misspell_at(title, chance.choice(positions), chance)
        if build_title_key(misspelt) != build_title_key(title):
            return misspelt


def _misspell_at(title: str, position: int, chance: random.Random) -> str:
    before, letter, after = title[:position], title[position], title[position + 1 :]
    match chance.choice(("dropped", "doubled", "swapped", "replaced")):
        case "dropped":
            return before + after
        case "doubled":
            return before + letter * 2 + after
        case "swapped":
            return before + after[:1] + letter + after[1:]
    return before + chance.choice(_LETTERS) + after


def draw_samples(session: Session) -> tuple[Sample, Sample]:
    """Draw known films of the real source, then films of any kind: (id, title), with the seed."""
    chance = random.Random(_SEED)
    rows = session.exec(select(Film.id, Film.title, Film.popularity, Film.source_ref).order_by(col(Film.id))).all()
    titled = [row for row in rows if sum(map(str.isalpha, build_title_key(row[1]))) >= _MIN_LETTERS]
    known = [row for row in titled if (row[2] or 0) >= _MIN_POPULARITY and row[3].startswith("tt")]
    samples = []
    for rows_to_sample in (known, titled):
        drawn_rows = chance.sample(rows_to_sample, min(_TYPOS, len(rows_to_sample)))
        samples.append([(film_id, title) for film_id, title, _, _ in drawn_rows])
    return samples[0], samples[1]


def _format_share(hits: Sequence[bool]) -> str:
    return f"{sum(hits) / len(hits):6.4f}"


@dataclass(frozen=True)
class Ranks:
    """Represent the ranks, from 0, of a misspelt film and of the first film of that title; None beyond ten."""

    film_rank: int | None
    title_rank: int | None


def find_ranks(session: Session, film_id: int, title: str, query: str) -> Ranks:
    """Return where a film is among the first ten for a query."""
    hits = [hit.film.id for hit in search_films(session, get_title_index, query, 1, datetime.now(UTC)).hits[:10]]
    alike = {film_id, *session.exec(select(FilmTitle.film_id).where(FilmTitle.key == build_title_key(title)))}
    itself = hits.index(film_id) if film_id in hits else None
    return Ranks(itself, next((rank for rank, hit in enumerate(hits) if hit in alike), None))


def measure_typos(engine: Engine, sample: Sample, missed: Path | None) -> str:
    """Return the shares found, and the time of a search."""
    chance, ranks, durations = random.Random(_SEED), list[Ranks](), list[float]()
    for film_id, title in sample:
        query = misspell_title(title, chance)
        with read_session(engine) as session:
            started = time.perf_counter()
            ranks.append(find_ranks(session, film_id, title, query))
            durations.append(time.perf_counter() - started)
        if missed and ranks[-1].title_rank is None:
            with missed.open("a", encoding="utf-8") as file:
                file.write(f"{film_id}\t{title}\t{query}\n")
    film_shares = _format_shares([rank.film_rank for rank in ranks])
    title_shares = _format_shares([rank.title_rank for rank in ranks])
    return " ".join([film_shares, title_shares, _format_percentiles(durations)])


def _format_shares(ranks: Sequence[int | None]) -> str:
    """Format the share of those found first, then of those found among the first ten."""
    first = _format_share([rank == 0 for rank in ranks])
    among_ten = _format_share([rank is not None for rank in ranks])
    return f"{first} {among_ten}      "


def _format_percentiles(durations: Sequence[float]) -> str:
    ordered = sorted(durations)
    return " ".join(f"{1000 * ordered[int(share * (len(ordered) - 1))]:6.1f}" for share in (0.5, 0.95, 0.99))


def list_prefixes(sample: Sample) -> Iterator[str]:
    """Yield what is typed, letter after letter, to write these titles; each once."""
    yield from dict.fromkeys(title[:length] for _, title in sample for length in range(3, min(13, len(title)) + 1))


def measure_suggestions(app: Flask, typed: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the seconds by the clock, and of processor, of each answer of the whole application."""
    client, clock, processor = app.test_client(), list[float](), list[float]()
    for text in typed:
        address = f"/suggestions?q={quote(text)}"
        started, worked = time.perf_counter(), time.thread_time()
        answer = client.get(address)
        clock.append(time.perf_counter() - started)
        processor.append(time.thread_time() - worked)
        assert answer.status_code == 200
    return clock, processor


def measure_search(database: Path, size: int, missed: Path | None) -> None:
    """Print what was measured on a database."""
    engine = create_db_engine(f"sqlite:///{database}")
    app = create_app(engine)
    with app.test_request_context():
        started = time.perf_counter()
        with read_session(engine) as session:
            get_index_manager().prepare_index()
            get_index_manager().wait_until_ready()
            folder = get_index_manager().get_index(session).folder
            known_films, any_films = draw_samples(session)
        built = time.perf_counter() - started
        weight = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
        summary = f"index made in {built:.0f} s, {weight:.0f} MB on disk, peak of memory {peak_mb()} MB"
        print(f"{size} films ({_AIMS.get(size, 'no aim')}): {summary}")
        print("  typos               the film: first, ten  that title: first, ten   ms p50    p95    p99")
        for name, sample in (("known films", known_films), ("any film", any_films)):
            print(f"  {name:12} {len(sample):5}      {measure_typos(engine, sample, missed)}", flush=True)
    _print_suggestions(app, [*known_films[:_SUGGESTION_TITLES], *any_films[:_SUGGESTION_TITLES]])
    print(f"  peak of memory of all this: {peak_mb()} MB", flush=True)


def _print_suggestions(app: Flask, sample: Sample) -> None:
    typed = list(list_prefixes(sample))
    measure_suggestions(app, [f"{text}é" for text in typed[:_WARM_UP]])
    clock, processor = measure_suggestions(app, typed)
    print(f"  suggestions  {len(typed):5} beginnings, each asked once:                     ms p50    p95    p99")
    for name, durations in (("by the clock", clock), ("of processor", processor)):
        print(f"    {name:62}  {_format_percentiles(durations)}", flush=True)


def main() -> None:
    """Print one block a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES)
    parser.add_argument("--missed", type=Path, help="a file for the typos whose title was not found")
    args = parser.parse_args()
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            os.environ["OUVOIR_VAR"] = scratch  # read by the processes to come
            database = Path(scratch) / "ouvoir.db"
            run_alone(make_database, args.data, size, database)
            run_alone(measure_search, database, size, args.missed)


if __name__ == "__main__":
    main()
