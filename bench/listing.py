"""Measure a list sent at once: `python -m bench.listing --data ../shared/data`.

On the base of bench.searching (200,000 films): 300 titles drawn with a seed, written « Title (year) », then each with a letter
left out; then 500 lines of nothing but invented words, as somebody hostile would send. Each is posted to the whole
application three times; the median is told, with how many lines are the film drawn, another film, or to be checked.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from sqlmodel import col, select

from bench.alone import run_alone
from bench.searching import make_database
from domain.db.engine import create_db_engine, read_session
from domain.models.film import Film
from search.requested_film import MAX_LINES
from search.resolve import LineState, resolve_lines
from webapp.app import create_app
from webapp.core.title_index import get_index_manager, get_title_index
from webapp.public.lists.parser import read_list

_SIZE, _SEED, _SAMPLE_SIZE, _REPEATS = 200_000, 7, 300, 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _make_lists(films: Sequence[Film], chance: random.Random) -> dict[str, list[str]]:
    def shorter(title: str) -> str:
        place = chance.randrange(len(title))
        return title[:place] + title[place + 1 :]

    def invented() -> str:
        return " ".join("".join(chance.choices(_LETTERS, k=8)) for _ in range(30))

    return {
        "exact titles": [f"{film.title} ({film.year})" for film in films],
        "misspelt": [f"{shorter(film.title)} ({film.year})" for film in films],
        "hostile": [invented() for _ in range(MAX_LINES)],
    }


def _time_call(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _summarize_results(app: Flask, engine: Engine, lines: Sequence[str], films: Sequence[Film]) -> str:
    with app.app_context(), read_session(engine) as session:
        found = resolve_lines(session, get_title_index(session), read_list("\n".join(lines)))
    sure = [
        (line.film.id, film.id) for line, film in zip(found, films, strict=False) if line.film and line.state is LineState.FOUND
    ]
    right = sum(given == drawn for given, drawn in sure)
    doubtful = sum(line.state is LineState.TO_CHECK for line in found)
    return f"{right} found, {len(sure) - right} another film, {doubtful} to be checked"


def measure_lists(database: Path) -> None:
    """Print a row for each list."""
    engine, chance = create_db_engine(f"sqlite:///{database}"), random.Random(_SEED)
    app = create_app(engine)
    with app.app_context(), read_session(engine) as session:
        get_index_manager().prepare_index()
        get_index_manager().wait_until_ready()
        numbers = session.exec(select(Film.id).where(col(Film.year).is_not(None)).order_by(col(Film.id))).all()
        drawn = chance.sample(numbers, _SAMPLE_SIZE)
        films = session.exec(select(Film).where(col(Film.id).in_(drawn))).all()
    client = app.test_client()
    for name, lines in _make_lists(films, chance).items():
        sent = {"titres": "\n".join(lines)}
        spent = [_time_call(partial(client.post, "/liste", data=sent)) for _ in range(_REPEATS)]
        told = f"{statistics.median(spent):6.2f} s"
        print(f"{name:14} {len(lines)} lines {told}   {_summarize_results(app, engine, lines, films)}", flush=True)


def main() -> None:
    """Build the database, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["OUVOIR_VAR"] = scratch  # read by the processes to come
        database = Path(scratch) / "ouvoir.db"
        run_alone(make_database, asked.data, _SIZE, database)
        run_alone(measure_lists, database)


if __name__ == "__main__":
    main()
