"""Try every fault of the replay on every platform that it fits: `python -m bench.faults --shared ../shared`.

Each platform is collected once, then once under each fault, whole: what it remembers of pages is dropped before. Whatever the
fault, what the public sees must stay the same (a run is held, or accepted because nothing changed), no error may be
unhandled, and memory must stay under 300 MB.
"""

import argparse
import json
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

from bench.stage import ROOT, Stage, run_replay

MODES = (
    *("down", "error", "slow", "captcha", "login", "limited", "robots5xx", "tdm", "half", "empty", "dupes", "garbage", "cut"),
    *("huge", "bomb", "renamed", "xss", "traversal", "gone"),
    "robots",  # the last: a changed robots.txt stops the platform until an agent has read it
)
SECONDS = 0.02
MEMORY_MB = 300
LOOKUP_FILMS = 300


@dataclass(frozen=True)
class FaultResult:
    """Represent what one fault did to one platform."""

    platform: str
    mode: str
    status: int
    verdict: str
    peak_mb: int
    fault: str = ""

    def format_row(self) -> str:
        """Format a row of the table."""
        end = self.fault or ("held" if self.status == 1 else "accepted, nothing changed")
        return f"{self.platform:<12} {self.mode:<10} {self.peak_mb:>4} MB  {end:<26} {self.verdict[:110]}"


def set_fault(control: str, platform: str, mode: str | None) -> bool:
    """Set or clear a fault of the replay, and tell whether it can show on that platform."""
    payload = json.dumps({"platform": platform, "mode": mode, "seconds": SECONDS}).encode()
    request = urllib.request.Request(f"{control}/__fault", payload, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request):
            return True
    except HTTPError as refused:
        refused.close()
        return False


def try_fault(control: str, stage: Stage, mode: str) -> FaultResult | None:
    """Collect under a fault; return None when it cannot show on the platform."""
    before = stage.hash_live_state()
    stage.clear_page_cache()
    if not set_fault(control, stage.slug, mode):
        return None
    try:
        result = stage.run()
    finally:
        set_fault(control, stage.slug, None)
    verdict = result.output.strip().splitlines()[-1].partition("raison : ")[2]
    harm = []
    if stage.hash_live_state() != before:
        harm.append("live state changed")
    if result.status not in (0, 1) or "Traceback" in result.output or "erreur interne" in result.output:
        harm.append("unhandled error")
    if result.peak_mb > MEMORY_MB:
        harm.append(f"over {MEMORY_MB} MB")
    return FaultResult(stage.slug, mode, result.status, verdict, result.peak_mb, ", ".join(harm))


def try_faults(control: str, stage: Stage, modes: Iterable[str]) -> Iterator[FaultResult]:
    """Collect a platform undisturbed, then under each fault that fits it."""
    first = stage.run()
    if first.status:
        raise SystemExit(first.output)
    yield from filter(None, (try_fault(control, stage, mode) for mode in modes))


def main() -> None:
    """Try everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--port", type=int, default=9500)
    parser.add_argument("--platforms", nargs="*")
    args = parser.parse_args()
    slugs = args.platforms or [path.stem for path in sorted((ROOT / "tests" / "real").glob("*.toml"))]
    tried = harmful = highest_mb = 0
    with run_replay(args.shared, args.port, "--no-limits") as server, tempfile.TemporaryDirectory() as scratch:
        for slug in slugs:
            stage = Stage(slug, server["platforms"][slug], Path(scratch) / f"{slug}.db")
            if slug == "lookup":
                stage.import_films(args.shared, LOOKUP_FILMS)
            for result in try_faults(server["control"], stage, MODES):
                tried += 1
                harmful += bool(result.fault)
                highest_mb = max(highest_mb, result.peak_mb)
                print(result.format_row(), flush=True)
    print(f"{tried} faults tried, {harmful} did harm; highest memory {highest_mb} MB")
    raise SystemExit(bool(harmful))


if __name__ == "__main__":
    main()
