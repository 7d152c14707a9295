"""One rehearsal for all the tests of this folder, and its table at the end of the run."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from domain.coverage.summary import count_coverage
from domain.db.engine import create_db_engine, read_session
from domain.models.platform import Platform
from tests.printed_tables import add_table
from tests.real.rehearsal import PLATFORMS, Rehearsal, run_replay

COLUMNS = ("expected", "received", "observed", "linked", "doubtful", "unlinked", "seconds")


@pytest.fixture(scope="session")
def rehearsal(shared: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Rehearsal]:
    """The CNC base imported, five real catalogues collected from the replay and linked, by the command itself."""
    database = f"sqlite:///{tmp_path_factory.mktemp('real') / 'ouvoir.db'}"
    with run_replay(shared) as told:
        stage = Rehearsal(told["control"], told["platforms"], database)
        base = stage.run_ouvoir("import", str(shared / "data" / "cnc_base_original_layout.csv.gz"), "--layout", "cnc")
        assert base.returncode == 0, base.stderr
        seconds = {}
        for platform in PLATFORMS:
            done, seconds[platform] = stage.crawl_platform(platform)
            assert done.returncode == 0, f"{platform}: {done.stdout}{done.stderr}"
        started = time.monotonic()
        linked = stage.run_ouvoir("match")
        assert linked.returncode == 0, linked.stderr
        add_table(pytestconfig, "real catalogues, replayed on loopback", format_table(stage, seconds, time.monotonic() - started))
        yield stage


def format_table(stage: Rehearsal, seconds: dict[str, float], matching: float) -> list[str]:
    """The figures of the rehearsal, a line per platform."""
    engine = create_db_engine(stage.database)
    with read_session(engine) as session:
        rows = {row.platform.slug: row for row in count_coverage(session, datetime.now(UTC)).platforms}
        names = dict(session.exec(select(col(Platform.slug), col(Platform.name))).all())
    engine.dispose()
    lines = [f"{'platform':<14}" + "".join(f"{column:>9}" for column in COLUMNS)]
    for slug in PLATFORMS:
        row, films = rows[slug], stage.get_truth(slug)["films"]
        figures = (films, row.received_rows, row.accepted_rows, row.linked, row.doubtful, row.unlinked, round(seconds[slug], 1))
        lines.append(f"{slug:<14}" + "".join(f"{figure:>9}" for figure in figures) + f"   {names[slug]}")
    return [*lines, f"matching the five catalogues with the base of the CNC: {matching:.1f} s"]
