"""Simulate a month on real catalogues, and report on it: `python -m bench.month --shared ../shared [--keep FOLDER] [--write]`.

The base of the CNC, then the replay's catalogues collected on the days of October 2026 by the command itself, under a clock that
is moved (about half an hour). The CSV of every table of the first day, taken on the second, must be the same to the byte after
the last. Then each table's seconds, and the month's report printed. `--keep` keeps the database, the files and the PDF in a
folder, and goes on from the day where it was left; `--write` writes the pictures of docs/screens/.
"""

import argparse
import json
import os
import shutil
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import PdfMargins, ViewportSize, sync_playwright

from bench.alone import run_alone
from bench.site import serve_database
from bench.tables import measure_table
from domain.common.environment import ROOT
from domain.coverage.as_of import get_day_end
from domain.coverage.registry import TABLE_KEYS
from tests.real.rehearsal import INVENTED_PLATFORMS, PLATFORMS, Rehearsal, find_free_ports, run_replay

_FIRST, _LAST = date(2026, 10, 1), 30
_ROTATION, _FULL_CRAWL_DAYS = ("orange", "mubi", "francetv"), 10
_CLOCK_FOLDER, _SCREENS_FOLDER = ROOT / "bench" / "clock", ROOT / "docs" / "screens"
_PICTURES = {"t9": "rapport-t9.png", "t13": "rapport-t13.png"}
_LANDSCAPE_TABLES = ("t13",)
_PORTRAIT: ViewportSize = {"width": 794, "height": 1123}
_LANDSCAPE: ViewportSize = {"width": 1123, "height": 794}
"""A4 at 96 dots an inch."""
_MARGINS: PdfMargins = {"top": "12mm", "right": "12mm", "bottom": "12mm", "left": "12mm"}


def _set_clock(day: int, hour: int) -> None:
    """Make the programs started from now on live on that day of the month, from that hour."""
    now = datetime.combine(_FIRST + timedelta(days=day), time(hour), UTC)
    os.environ.update({"OUVOIR_BENCH_NOW": now.isoformat(), "PYTHONPATH": f"{_CLOCK_FOLDER}{os.pathsep}{ROOT}"})


def run_month(shared: Path, folder: Path) -> None:
    """Simulate what is left of the month, and keep the files of its first day as the second day gives them."""
    progress_file = folder / "lived.json"
    port, last_day = json.loads(progress_file.read_text()) if progress_file.exists() else (find_free_ports(9), -1)
    with run_replay(shared, "--date", _FIRST.isoformat(), "--port", str(port)) as replay:
        stage = Rehearsal(replay["control"], replay["platforms"], f"sqlite:///{folder / 'month.db'}")
        if last_day < 0:
            _set_clock(0, 6)
            _run_command(stage, "import", str(shared / "data" / "cnc_base_original_layout.csv.gz"), "--layout", "cnc")
        for day in range(last_day + 1, _LAST + 1):
            _run_day(stage, day)
            progress_file.write_text(json.dumps([port, day]))
            if not (folder / "first").is_dir():
                _set_clock(1, 2)
                _save_csv_files(folder / "month.db", folder / "first")


def _run_day(stage: Rehearsal, day: int) -> None:
    """Collect one service out of three, each in its turn; every tenth day all seven, then link their entries."""
    stage.set_day(day)
    _set_clock(day, 12)
    for platform in (_ROTATION[day % len(_ROTATION)],) if day % _FULL_CRAWL_DAYS else (*PLATFORMS, *INVENTED_PLATFORMS):
        result = stage.crawl_platform(platform)[0]
        if result.returncode:
            print(f"day {day}, {platform}: {result.stdout.strip()}{result.stderr.strip()}", flush=True)
    if day % _FULL_CRAWL_DAYS == 0:
        _run_command(stage, "match")


def _run_command(stage: Rehearsal, *words: str) -> None:
    result = stage.run_ouvoir(*words)
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)


def _save_csv_files(database: Path, folder: Path) -> None:
    """Save the CSV of every table of the first day, as the site gives it now."""
    folder.mkdir()
    with serve_database(database) as site:
        for key in TABLE_KEYS:
            answer = httpx.get(f"{site}/couverture/tableaux/{key}.csv", params={"jour": _FIRST.isoformat()}, timeout=60)
            (folder / f"{key}.csv").write_bytes(answer.raise_for_status().content)


def list_differing_tables(folder: Path, other_folder: Path) -> list[str]:
    """List the tables whose files are not the same to the byte."""
    return [key for key in TABLE_KEYS if (folder / f"{key}.csv").read_bytes() != (other_folder / f"{key}.csv").read_bytes()]


def print_report(database: Path, pdf: Path, screens: Path) -> None:
    """Print the month's report as a PDF, and take pictures of some of its tables as they are printed."""
    with serve_database(database) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=_PORTRAIT)
        page.goto(f"{site}/couverture/rapport?mois={_FIRST:%Y-%m}")
        page.emulate_media(media="print")
        page.screenshot(path=screens / "rapport-du-mois.png")
        page.pdf(path=pdf, format="A4", margin=_MARGINS)
        for key, picture in _PICTURES.items():
            page.set_viewport_size(_LANDSCAPE if key in _LANDSCAPE_TABLES else _PORTRAIT)
            page.locator(f"section:has(#{key})").screenshot(path=screens / picture)
        browser.close()


def report_month(folder: Path, write: bool) -> None:
    """Check the first day, time each table, and print the month."""
    database, again = folder / "month.db", folder / "again"
    _set_clock(_LAST + 1, 2)
    shutil.rmtree(again, ignore_errors=True)
    _save_csv_files(database, again)
    changed = list_differing_tables(folder / "first", again)
    print(f"tables of the first day that changed after {_LAST} more days: {', '.join(changed) or 'none'}")
    for key in TABLE_KEYS:
        cost = run_alone(measure_table, database, key, get_day_end(_FIRST + timedelta(days=_LAST)))
        print(f"  {key:18} {cost.seconds:6.2f} s ({cost.cpu_seconds:5.2f} of processor) {cost.rows:5} lines", flush=True)
    print_report(database, folder / "report.pdf", _SCREENS_FOLDER if write else folder)
    if changed:
        raise SystemExit(1)


def main() -> None:
    """Simulate what is left of the month, then report on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="a folder for the database, the files and the PDF")
    parser.add_argument("--write", action="store_true", help="write the pictures of docs/screens/")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        run_month(args.shared.resolve(), folder.resolve())
        report_month(folder.resolve(), args.write)


if __name__ == "__main__":
    main()
