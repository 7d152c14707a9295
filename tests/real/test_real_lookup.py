"""A shop that can only be searched: asked title by title over our base, it gives what a perfect crawl would find."""

import re
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from bench.stage import Stage, run_replay
from domain.common.text import fold_text
from domain.db.engine import create_db_engine, read_session
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.run import Run
from domain.runs.runs import get_run_counts
from tests.real.rehearsal import find_free_ports

pytestmark = pytest.mark.long
FIRST_TRACK = 1_400_000_000
FILMS = 800


def test_every_film_of_the_shop_is_found_through_our_base_once(shared: Path, tmp_path: Path) -> None:
    with run_replay(shared, find_free_ports(9), "--no-limits") as server:
        truth = httpx.get(f"{server['control']}/__truth", params={"platform": "lookup"}).json()["platforms"]["lookup"]
        stage = Stage("lookup", server["platforms"]["lookup"], tmp_path / "ouvoir.db")
        stage.import_films(shared, FILMS)
        first, second = stage.run(), stage.run()
    assert (first.status, second.status) == (0, 0), first.output + second.output
    engine = create_db_engine(f"sqlite:///{stage.database}")
    with read_session(engine) as session:
        ours = [int(film.source_ref.removeprefix("tm")) for film in session.exec(select(Film))]
        found = set(session.exec(select(Entry.ref)))
        offers = len(session.exec(select(Offer.id)).all())
        asked = [get_run_counts(run).requests for run in session.exec(select(Run))]
    engine.dispose()
    rows = {row["id"]: row for row in truth["rows"] if re.search("[a-z0-9]", fold_text(row["title"]))}
    wanted = {str(FIRST_TRACK + number) for number in ours} & rows.keys()  # the shop's search knows no other script than ours
    assert found >= wanted and found <= rows.keys()
    assert offers == sum(len(rows[ref]["offers"]) for ref in found)
    assert asked[1] < 0.01 * asked[0]
