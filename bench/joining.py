"""Join the world source to the CNC's and print what films gain, then links drawn at random to be read by hand.

`python -m bench.joining --data ../shared/data`
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
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from domain.common.enums import RecordState
from domain.common.environment import ROOT
from domain.db.engine import create_db_engine, read_session
from domain.models.film import Film, FilmIdentifier, SourceRecord
from matcher.explanations import explain_decision

FIRST_SOURCE = ("cnc_base_original_layout.csv.gz", "cnc", "cnc")
SECOND_SOURCE = ("reference.csv.gz", "films", "monde")
SOURCES = (FIRST_SOURCE, SECOND_SOURCE)
_FILM_FACTS = ("title", "original_title", "year", "release_date", "runtime_min", "directors", "countries", "kind")
_RECORD_FACTS = (
    "title",
    "original_title",
    "french_title",
    "other_titles",
    "year",
    "runtime_min",
    "directors",
    "countries",
    "kind",
)


def import_source(data: Path, url: str, source_file: tuple[str, str, str]) -> str:
    """Run the real command on a source; return its counts, its time and its peak of memory."""
    file, layout, source = source_file
    command = [sys.executable, "-c", "from cli.main import main; main()", "import", str(data / file), "--layout", layout]
    started = time.perf_counter()
    result = subprocess.run(
        [*command, "--source", source],
        env=os.environ | {"OUVOIR_DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"{file} ({layout}): {result.stdout.strip()}\n    {seconds:.1f} s, at most {peak} MB"


def count_merged_attributes(session: Session, first: str, second: str) -> Iterator[str]:
    """Return what films of the first source gained from the second, and what became of the second's records."""
    films = session.exec(select(func.count()).where(Film.source == first)).one()
    own_films = select(Film.id).where(Film.source == first)
    for scheme in ("imdb", "tmdb", "cnc"):
        film_count = select(func.count(func.distinct(FilmIdentifier.film_id)))
        gaining_films = session.exec(
            film_count.where(
                FilmIdentifier.scheme == scheme, FilmIdentifier.source == second, col(FilmIdentifier.film_id).in_(own_films)
            )
        ).one()
        yield f"gain a number of {scheme}: {gaining_films} of {films} films ({gaining_films / films:.1%})"
    for state in RecordState:
        record_count = select(func.count()).where(SourceRecord.source == second, SourceRecord.state == state)
        yield f"lines {state}: {session.exec(record_count).one()}"
    yield f"new films: {session.exec(select(func.count()).where(Film.source == second)).one()}"


def sample_linked_records(session: Session, size: int, seed: int) -> Iterator[str]:
    """Yield automatic links drawn at random, all facts side by side."""
    stmt = select(SourceRecord).where(SourceRecord.state == RecordState.LINKED).order_by(col(SourceRecord.source_ref))
    records = session.exec(stmt).all()
    for rank, record in enumerate(random.Random(seed).sample(records, min(size, len(records))), 1):
        film = session.get_one(Film, record.film_id)
        facts = {fact: getattr(film, fact) for fact in _FILM_FACTS if fact not in film.merged_attributes}
        yield f"{rank:>4}. {film.source} {film.source_ref}  {_format_facts(facts)}"
        record_facts = {fact: record.payload[fact] for fact in _RECORD_FACTS}
        yield f"      {record.source} {record.source_ref}  {_format_facts(record_facts)}"
        yield f"      {record.probability}  {explain_decision(record)}"


def _format_facts(facts: dict[str, object]) -> str:
    return " | ".join(f"{name} {json.dumps(value, ensure_ascii=False, default=str)}" for name, value in facts.items() if value)


def main() -> None:
    """Import both sources into an empty database, in either order, then print counts and the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the bases")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--reverse", action="store_true", help="the CNC's base joined to the world's")
    args = parser.parse_args()
    first, second = reversed(SOURCES) if args.reverse else SOURCES
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bases.db"
        for source_file in (first, second):
            print(import_source(args.data.resolve(), url, source_file), flush=True)
        engine: Engine = create_db_engine(url)
        with read_session(engine) as session:
            for output_line in (
                *count_merged_attributes(session, first[2], second[2]),
                "",
                *sample_linked_records(session, args.sample, args.seed),
            ):
                print(output_line)
        engine.dispose()


if __name__ == "__main__":
    main()
