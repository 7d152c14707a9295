"""The clock: what is due, one scheduler at a time."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.platform_file import PlatformFile
from records.database import writing
from records.errors import Problem
from records.locks import hold
from records.platforms import register
from records.runs import open_run
from records.settings import DATA
from scheduler import due, may_collect, readable_platforms, run_schedule

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def platforms() -> list[PlatformFile]:
    """The demonstration's platforms: allowed, and due every day."""
    return readable_platforms(DATA / "demo" / "platforms", print)


def began(engine: Engine, platform: PlatformFile, at: datetime) -> None:
    with writing(engine) as session:
        open_run(session, register(session, platform.facts()), at)


def test_what_was_never_collected_comes_first_and_what_is_fresh_waits(engine: Engine, platforms: list[PlatformFile]) -> None:
    fresh, stale, *never = platforms
    began(engine, fresh, NOW - timedelta(hours=23))
    began(engine, stale, NOW - timedelta(hours=25))
    assert [platform.slug for platform in due(engine, platforms, NOW)] == [*(p.slug for p in never), stale.slug]


def test_platforms_that_are_blocked_are_never_due(sqlite_engine: Engine) -> None:
    real = [platform for platform in readable_platforms(DATA / "platforms", print) if platform.legal.blocked]
    assert real and not any(map(may_collect, real))
    assert due(sqlite_engine, real, NOW) == []


def test_a_faulty_file_stops_its_own_platform_only(tmp_path: Path) -> None:
    good = (DATA / "demo" / "platforms" / "cine-demo.toml").read_text("utf-8")
    (tmp_path / "cine-demo.toml").write_text(good, "utf-8")
    (tmp_path / "faux.toml").write_text(good.replace("operator", "operater"), "utf-8")
    said: list[str] = []
    assert [platform.slug for platform in readable_platforms(tmp_path, said.append)] == ["cine-demo"]
    assert len(said) == 1 and said[0].startswith("faux.toml : operat")


def test_a_second_scheduler_refuses_to_start(engine: Engine, tmp_path: Path) -> None:
    with hold(engine, "schedule", "pris"), pytest.raises(Problem, match="un autre planificateur"):
        run_schedule(engine, tmp_path, once=True, say=print)


def test_a_pass_with_nothing_due_does_no_work(sqlite_engine: Engine, tmp_path: Path) -> None:
    said: list[str] = []
    run_schedule(sqlite_engine, tmp_path, once=True, say=said.append)
    assert said == []


def test_a_platform_that_cannot_be_collected_does_not_stop_the_pass(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loopback is refused here, so that both collections fail, and both are told."""
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK", raising=False)
    for slug in ("cine-demo", "replay-fictif"):
        text = (DATA / "demo" / "platforms" / f"{slug}.toml").read_text("utf-8")
        (tmp_path / f"{slug}.toml").write_text(re.sub(r"https://[a-z-]+\.example", "http://127.0.0.1:9", text), "utf-8")
    said: list[str] = []
    run_schedule(sqlite_engine, tmp_path, once=True, say=said.append)
    assert len([line for line in said if "en attente" in line and "adresse locale refusée" in line]) == 2
