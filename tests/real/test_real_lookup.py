"""A shop that can only be searched: asked title by title over our base, it gives what a perfect crawl would find."""

from pathlib import Path

import httpx
from sqlmodel import select

from bench.stage import Stage, replayed
from records.catalogue import Entry, Offer, Run
from records.database import connect, reading
from records.runs import counts_of
from tests.real.rehearsal import free_ports


def test_every_film_of_the_shop_is_found_through_our_base_once(shared: Path, tmp_path: Path) -> None:
    with replayed(shared, free_ports(9), "--no-limits") as server:
        truth = httpx.get(f"{server['control']}/__truth", params={"platform": "lookup"}).json()["platforms"]["lookup"]
        stage = Stage("lookup", server["platforms"]["lookup"], tmp_path / "ouvoir.db")
        stage.import_base(shared)
        first, second = stage.run(), stage.run()
    assert (first.status, second.status) == (0, 0), first.said + second.said
    engine = connect(f"sqlite:///{stage.database}")
    with reading(engine) as session:
        found = set(session.exec(select(Entry.ref)))
        offers = len(session.exec(select(Offer.id)).all())
        asked = [counts_of(run).requests for run in session.exec(select(Run))]
    engine.dispose()
    rows = {row["id"]: row for row in truth["rows"] if row["kind"] == "movie"}
    assert found == set(rows)
    assert offers == sum(len(row["offers"]) for row in rows.values())
    assert asked[1] < 0.01 * asked[0]
