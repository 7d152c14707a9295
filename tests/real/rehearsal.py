"""A rehearsal on real catalogues: the replay server, a database of its own, and the `ouvoir` command run for real."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

FOLDER = Path(__file__).parent
OUVOIR = Path(sys.executable).with_name("ouvoir")
PLATFORMS = ("orange", "mediatheque", "mubi", "francetv", "cinesite")
INVENTED_PLATFORMS = ("nextsite", "actionsfeed")


def find_free_ports(count: int) -> int:
    """The first of a row of free ports on loopback, drawn so that two processes of the tests do not meet."""
    for first in random.sample(range(20_000, 32_000, 20), 600):
        try:
            for port in range(first, first + count):
                with socket.socket() as trial:
                    trial.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise RuntimeError("no row of free ports")


@contextmanager
def run_replay(shared: Path, *options: str) -> Iterator[dict[str, Any]]:
    """Runs the replay server, with options of its own; gives its first line: control address and address of each platform."""
    command = [
        sys.executable,
        str(shared / "replay" / "replay.py"),
        "--port",
        str(find_free_ports(9)),
        "--data",
        str(shared / "data"),
    ]
    command += options
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


@dataclass
class Rehearsal:
    """The replay's addresses, and the database that `ouvoir` fills."""

    control: str
    origins: dict[str, str]
    database: str

    def run_ouvoir(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the command as an agent would."""
        told = {"OUVOIR_DATABASE_URL": self.database, "OUVOIR_ALLOW_LOOPBACK": "1", "OUVOIR_LOOPBACK_DELAY": "0"}
        command = [str(OUVOIR), *words]
        return subprocess.run(command, env=os.environ | told, capture_output=True, text=True, timeout=600, check=False)

    def crawl_platform(self, platform: str) -> tuple[subprocess.CompletedProcess[str], float]:
        """Collects one platform of the replay; the command's end and the seconds it took."""
        started = time.monotonic()
        done = self.run_ouvoir("crawl", platform, "--platforms", str(FOLDER), "--origin", self.origins[platform])
        return done, time.monotonic() - started

    def get_truth(self, platform: str) -> dict[str, Any]:
        """What a perfect crawl would find today."""
        found: dict[str, Any] = httpx.get(f"{self.control}/__truth", params={"platform": platform}).json()
        return found["platforms"][platform] if "platforms" in found else found

    def set_day(self, day: int) -> None:
        """Plays a day of the replay."""
        httpx.post(f"{self.control}/__day", json={"day": day}).raise_for_status()

    def set_fault(self, platform: str, mode: str | None) -> None:
        """Sets or clears a fault of the replay."""
        httpx.post(f"{self.control}/__fault", json={"platform": platform, "mode": mode}).raise_for_status()
