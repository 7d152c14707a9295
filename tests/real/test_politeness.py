"""The replay's own figures: how our robot behaved, as the sites saw it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.common.settings import VERSION
from tests.real.rehearsal import FOLDER, OUVOIR, find_free_ports

pytestmark = pytest.mark.long
DELAY = 0.1
LATENCY = 0.05
CAP = 15
SITES = ("cinesite", "mediatheque", "mubi")


@pytest.fixture(scope="module")
def slow_replay(shared: Path) -> Iterator[dict[str, Any]]:
    """The replay, slow enough for requests to overlap if they were sent together."""
    command = [sys.executable, str(shared / "replay" / "replay.py"), "--port", str(find_free_ports(9)), "--latency", str(LATENCY)]
    with subprocess.Popen([*command, "--data", str(shared / "data")], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def seen(slow_replay: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each site saw of a run that stops after some pages."""
    folder = tmp_path_factory.mktemp("polite")
    told = {
        "OUVOIR_DATABASE_URL": f"sqlite:///{folder / 'ouvoir.db'}", "OUVOIR_ALLOW_LOOPBACK": "1",
        "OUVOIR_LOOPBACK_DELAY": str(DELAY), "OUVOIR_CONTACT": "https://cinema.example/robot",
    }  # fmt: skip
    for slug in SITES:
        text = (FOLDER / f"{slug}.toml").read_text("utf-8")
        text = re.sub(r"(?s)\n\[politeness\].*", "", text) + f"\n[politeness]\ncap_pages = {CAP}\n"
        (folder / f"{slug}.toml").write_text(text, encoding="utf-8")
        command = [str(OUVOIR), "crawl", slug, "--platforms", str(folder), "--origin", slow_replay["platforms"][slug]]
        done = subprocess.run(command, env=os.environ | told, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
    stats: dict[str, Any] = httpx.get(f"{slow_replay['control']}/__stats").json()
    return stats.get("platforms", stats)  # type: ignore[no-any-return]


@pytest.mark.parametrize("slug", SITES)
def test_a_run_is_polite_as_the_site_itself_counts(seen: dict[str, Any], slug: str) -> None:
    found = seen[slug]
    assert found["requests"] >= 3 and found["robots_first"] is True and found["disallowed"] == 0
    assert found["max_simultaneous"] == 1
    assert found["min_gap_seconds"] >= DELAY + LATENCY
    assert list(found["user_agents"]) == [f"OuVoir/{VERSION} (+https://cinema.example/robot)"]


def test_a_site_of_pages_was_really_read(seen: dict[str, Any]) -> None:
    assert seen["cinesite"]["requests"] > CAP
