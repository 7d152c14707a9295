"""Collect a platform of the replay with the real command into one SQLite file, for the benches of the collector."""

import csv
import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUVOIR = Path(sys.executable).with_name("ouvoir")
PLATFORMS = ROOT / "tests" / "real"
LIVE_STATE = (
    "SELECT p.slug, e.ref, e.title, e.year, e.url, e.content_hash, o.identity, o.price_cents, o.url, o.first_seen, o.closed_at"
    " FROM platform p JOIN entry e ON e.platform_id = p.id LEFT JOIN offer o ON o.entry_id = e.id ORDER BY 1, 2, 7, 10"
)


@contextmanager
def run_replay(shared: Path, port: int, *words: str) -> Iterator[dict[str, Any]]:
    """Run the replay of real catalogues; give its first line: control address, addresses by platform."""
    program, data = str(shared / "replay" / "replay.py"), str(shared / "data")
    command = [sys.executable, program, "--port", str(port), "--data", data, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


@dataclass(frozen=True)
class CommandResult:
    """Represent how a command ended: its status, its output, and the peak of memory of its processes, in megabytes."""

    status: int
    output: str
    peak_mb: int


@dataclass(frozen=True)
class Stage:
    """Represent a platform file, the server it is rehearsed on, and the database it fills."""

    slug: str
    origin: str
    database: Path
    folder: Path = PLATFORMS

    def build_command(self) -> list[str]:
        """Build the `ouvoir crawl` of the platform on its server."""
        return [str(OUVOIR), "crawl", self.slug, "--platforms", str(self.folder), "--origin", self.origin]

    def start_command(self, *before: str, **pipes: Any) -> "subprocess.Popen[str]":
        """Start the command, or the program `before` that runs it, in a group of processes of its own."""
        variables = {
            "OUVOIR_DATABASE_URL": f"sqlite:///{self.database}",
            "OUVOIR_ALLOW_LOOPBACK": "1",
            "OUVOIR_LOOPBACK_DELAY": "0",
        }
        words = [*before, *self.build_command()]
        return subprocess.Popen(words, cwd=ROOT, env=os.environ | variables, text=True, start_new_session=True, **pipes)

    def run(self) -> CommandResult:
        """Collect once, to the end."""
        process = self.start_command(sys.executable, "-m", "bench.peak", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text, _ = process.communicate()
        output, _, peak = text.rpartition("peak_mb=")
        return CommandResult(process.returncode, output, int(peak))

    def import_films(self, shared: Path, limit: int | None = None) -> None:
        """Import films (`limit` of them) that the replay's shop knows: a lookup goes through our own films."""
        csv_path = self.database.with_suffix(".csv")
        with (
            gzip.open(shared / "data" / "catalogue_jw_netflix.csv.gz", "rt", encoding="utf-8") as catalogue,
            csv_path.open("w") as csv_file,
        ):
            writer = csv.DictWriter(csv_file, ["id", "title", "year", "directors"], extrasaction="ignore")
            writer.writeheader()
            films = ({**row, "id": row["platform_id"]} for row in csv.DictReader(catalogue) if row["type"] == "movie")
            writer.writerows(islice(films, limit))
        variables = {"OUVOIR_DATABASE_URL": f"sqlite:///{self.database}"}
        command = [str(OUVOIR), "import", str(csv_path), "--layout", "films"]
        subprocess.run(command, env=os.environ | variables, check=True, capture_output=True)

    def clear_page_cache(self) -> None:
        """Delete what the database remembers of pages: the next run reads them all again."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            connection.execute("DELETE FROM pageread")

    def hash_live_state(self) -> str:
        """Hash what the public sees, apart from the date it was last seen."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute(LIVE_STATE).fetchall()
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def is_sound(self) -> bool:
        """Tell whether SQLite finds the file sound."""
        with closing(sqlite3.connect(self.database)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        return bool(verdict == "ok")
