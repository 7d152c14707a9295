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
from domain.common.settings import ROOT
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


def import_source(data: Path, url: str, base: tuple[str, str, str]) -> str:
    """Run the real command on a source; return its counts, its time and its peak of memory."""
    file, layout, source = base
    command = [sys.executable, "-c", "from cli.main import main; main()", "import", str(data / file), "--layout", layout]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--source", source],
        env=os.environ | {"OUVOIR_DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"{file} ({layout}): {done.stdout.strip()}\n    {seconds:.1f} s, at most {peak} MB"


def count_merged_attributes(session: Session, first: str, second: str) -> Iterator[str]:
    """Return what films of the first source gained from the second, and what became of the second's records."""
    films = session.exec(select(func.count()).where(Film.source == first)).one()
    own = select(Film.id).where(Film.source == first)
    for scheme in ("imdb", "tmdb", "cnc"):
        held = select(func.count(func.distinct(FilmIdentifier.film_id)))
        gained = session.exec(
            held.where(FilmIdentifier.scheme == scheme, FilmIdentifier.source == second, col(FilmIdentifier.film_id).in_(own))
        ).one()
        yield f"gain a number of {scheme}: {gained} of {films} films ({gained / films:.1%})"
    for state in RecordState:
        counted = select(func.count()).where(SourceRecord.source == second, SourceRecord.state == state)
        yield f"lines {state}: {session.exec(counted).one()}"
    yield f"new films: {session.exec(select(func.count()).where(Film.source == second)).one()}"


def sample_linked_records(session: Session, size: int, seed: int) -> Iterator[str]:
    """Yield automatic links drawn at random, all facts side by side."""
    joined = select(SourceRecord).where(SourceRecord.state == RecordState.LINKED).order_by(col(SourceRecord.source_ref))
    lines = session.exec(joined).all()
    for place, line in enumerate(random.Random(seed).sample(lines, min(size, len(lines))), 1):
        film = session.get_one(Film, line.film_id)
        own = {fact: getattr(film, fact) for fact in _FILM_FACTS if fact not in film.merged_attributes}
        yield f"{place:>4}. {film.source} {film.source_ref}  {_format_facts(own)}"
        yield f"      {line.source} {line.source_ref}  {_format_facts({fact: line.payload[fact] for fact in _RECORD_FACTS})}"
        yield f"      {line.probability}  {explain_decision(line)}"


def _format_facts(facts: dict[str, object]) -> str:
    return " | ".join(f"{name} {json.dumps(value, ensure_ascii=False, default=str)}" for name, value in facts.items() if value)


def main() -> None:
    """Import both sources into an empty database, in either order, then print counts and the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the bases")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--reverse", action="store_true", help="the CNC's base joined to the world's")
    asked = parser.parse_args()
    first, second = reversed(SOURCES) if asked.reverse else SOURCES
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bases.db"
        for base in (first, second):
            print(import_source(asked.data.resolve(), url, base), flush=True)
        engine: Engine = create_db_engine(url)
        with read_session(engine) as session:
            for told in (
                *count_merged_attributes(session, first[2], second[2]),
                "",
                *sample_linked_records(session, asked.sample, asked.seed),
            ):
                print(told)
        engine.dispose()


if __name__ == "__main__":
    main()
