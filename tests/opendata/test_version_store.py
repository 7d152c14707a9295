"""Exports appear whole or not at all, whatever interrupts them; old days are removed, the first of each month stays."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.common.errors import UserError
from opendata.manifest import list_exported_days, read_manifest
from opendata.version_store import DAILY_RETENTION_DAYS, create_version, select_retained_days
from tests.opendata.scene import export_database

DAY = date(2026, 11, 22)


def write_version(folder: Path, day: date, text: str) -> None:
    with create_version(folder, day) as version_folder:
        (version_folder / "file").write_text(text, "utf-8")


def count_versions(folder: Path) -> int:
    return len(list((folder / ".versions").iterdir()))


def test_a_second_export_takes_the_place_of_the_first_at_once(tmp_path: Path) -> None:
    for text in ("one", "two"):
        write_version(tmp_path, DAY, text)
    assert (tmp_path / "latest" / "file").read_text() == (tmp_path / DAY.isoformat() / "file").read_text() == "two"
    assert count_versions(tmp_path) == 1


def test_a_failure_leaves_what_was_there_and_is_swept_the_next_time(tmp_path: Path) -> None:
    write_version(tmp_path, DAY, "one")
    with pytest.raises(ValueError, match="broken"), create_version(tmp_path, DAY) as version_folder:
        (version_folder / "file").write_text("half", "utf-8")
        raise ValueError("broken")
    assert (tmp_path / "latest" / "file").read_text() == "one" and count_versions(tmp_path) == 2
    write_version(tmp_path, DAY + timedelta(days=1), "two")
    assert count_versions(tmp_path) == 2 and (tmp_path / DAY.isoformat() / "file").read_text() == "one"


def test_a_disk_that_refuses_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UserError, match="impossible à écrire"), create_version(tmp_path / "file", DAY):
        pass


def test_old_days_go_and_the_first_of_each_month_stays(tmp_path: Path) -> None:
    days = [DAY - timedelta(days=back) for back in (80, 79, 40, 31, 30, 1, 0)]
    for day in days:
        write_version(tmp_path, day, str(day))
    assert list_exported_days(tmp_path) == [DAY, days[5], days[4], days[2], days[0]]
    assert count_versions(tmp_path) == 5


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), min_size=1))
def test_every_month_keeps_a_day_and_the_last_month_all_of_them(days: set[date]) -> None:
    today = max(days)
    retained = select_retained_days(list(days), today)
    assert retained <= days and {day.month for day in retained} == {day.month for day in days}
    assert {day for day in days if today - day < timedelta(days=DAILY_RETENTION_DAYS)} <= retained


PROGRAM = """
import os, random, signal, subprocess, sys, time
from tests.opendata.scene import *
from domain.db.engine import create_db_engine
url, folder, chance = sys.argv[1], Path(sys.argv[2]), random.Random(7)
for turn in range(12):
    if not (child := os.fork()):
        while True:
            export_database(create_db_engine(url), folder)
    while turn == 0 and not (folder / "latest").exists():
        time.sleep(0.01)
    time.sleep(chance.uniform(0.05, 0.4))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    subprocess.run(["sha256sum", "--check", "--status", "SHA256SUMS"], cwd=folder / "latest", check=True)
"""


def test_kill_9_at_any_moment_leaves_a_whole_export(filled_engine: Engine, tmp_path: Path) -> None:
    folder, environment = tmp_path / "opendata", os.environ | {"OUVOIR_VAR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", PROGRAM, str(filled_engine.url), str(folder)], env=environment, check=True)
    assert read_manifest(folder) and export_database(filled_engine, folder)
    assert count_versions(folder) == 1 and len(list_exported_days(folder)) == 1
