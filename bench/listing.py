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
    exact, misspelt = [], []
    for film in films:
        position = chance.randrange(len(film.title))
        exact.append(f"{film.title} ({film.year})")
        misspelt.append(f"{film.title[:position]}{film.title[position + 1 :]} ({film.year})")
    hostile = [_invent_title(chance) for _ in range(MAX_LINES)]
    return {"exact titles": exact, "misspelt": misspelt, "hostile": hostile}


def _invent_title(chance: random.Random) -> str:
    words = ("".join(chance.choices(_LETTERS, k=8)) for _ in range(30))
    return " ".join(words)


def _time_call(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _summarize_results(app: Flask, engine: Engine, titles: Sequence[str], films: Sequence[Film]) -> str:
    with app.app_context(), read_session(engine) as session:
        results = resolve_lines(session, get_title_index(session), read_list("\n".join(titles)))
    sure = [
        (result.film.id, film.id)
        for result, film in zip(results, films, strict=False)
        if result.film and result.state is LineState.FOUND
    ]
    right = sum(found_id == true_id for found_id, true_id in sure)
    doubtful = sum(result.state is LineState.TO_CHECK for result in results)
    return f"{right} found, {len(sure) - right} another film, {doubtful} to be checked"


def measure_lists(database: Path) -> None:
    """Print a row for each list."""
    engine, chance = create_db_engine(f"sqlite:///{database}"), random.Random(_SEED)
    app = create_app(engine)
    with app.app_context(), read_session(engine) as session:
        get_index_manager().prepare_index()
        get_index_manager().wait_until_ready()
        all_ids = session.exec(select(Film.id).where(col(Film.year).is_not(None)).order_by(col(Film.id))).all()
        film_ids = chance.sample(all_ids, _SAMPLE_SIZE)
        films = session.exec(select(Film).where(col(Film.id).in_(film_ids))).all()
    client = app.test_client()
    for name, titles in _make_lists(films, chance).items():
        sent = {"titres": "\n".join(titles)}
        durations = [_time_call(partial(client.post, "/liste", data=sent)) for _ in range(_REPEATS)]
        duration = f"{statistics.median(durations):6.2f} s"
        print(f"{name:14} {len(titles)} lines {duration}   {_summarize_results(app, engine, titles, films)}", flush=True)


def main() -> None:
    """Build the database, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["OUVOIR_VAR"] = scratch  # read by the processes to come
        database = Path(scratch) / "ouvoir.db"
        run_alone(make_database, args.data, _SIZE, database)
        run_alone(measure_lists, database)


if __name__ == "__main__":
    main()
