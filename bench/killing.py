"""Kill collections at random moments: `python -m bench.killing --shared ../shared --kills 100`.

By turns the whole command or its collecting child gets kill -9, at any moment of a run. After each, the live state must be
the same as before, the database sound, and nothing of the run still alive; at the end an undisturbed run must be accepted.
"""

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.stage import Stage, run_replay


@dataclass
class Killer:
    """Kill the collections of a stage, and count what was struck."""

    stage: Stage
    outcomes: Counter[str] = field(default_factory=Counter)

    def kill_run(self, after: float, child_only: bool) -> None:
        """Run a collection and kill it, or its child alone, after so many seconds; wait until nothing of it lives."""
        command = self.stage.start_command(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        child = _find_child(command.pid)
        victim = child if child_only and child else command.pid
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        command.wait(60)
        while child is not None and _is_alive(child):
            time.sleep(0.02)
        outcome = "command"
        if victim == child:
            outcome = "child"
        elif command.returncode == 0:
            outcome = "after its end"
        self.outcomes[outcome] += 1


def _find_child(parent: int) -> int | None:
    """Return the collecting child of a command, if it runs."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    except OSError:
        return None
    return int(children[0]) if children else None


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").split(") ")[1][0] not in "ZX"
    except OSError:
        return False


def kill_runs(killer: Killer, kills: int, draw: random.Random) -> list[str]:
    """Collect once, kill that many runs, collect once more; return the faults found, none when all is well."""
    stage, started = killer.stage, time.monotonic()
    if stage.run().status:
        return ["the first, undisturbed run is not accepted"]
    duration, before, faults = time.monotonic() - started, stage.hash_live_state(), []
    for index in range(kills):
        killer.kill_run(draw.uniform(0.1, 1.05 * duration), child_only=index % 2 == 0)
        if stage.hash_live_state() != before:
            faults.append(f"kill {index + 1}: the live state changed")
        if not stage.is_sound():
            faults.append(f"kill {index + 1}: the database is damaged")
    if stage.run().status:
        faults.append("the last, undisturbed run is not accepted")
    return faults


def main() -> None:
    """Kill, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--port", type=int, default=9400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with run_replay(args.shared, args.port) as server, tempfile.TemporaryDirectory() as scratch:
        killer = Killer(Stage("orange", server["platforms"]["orange"], Path(scratch) / "ouvoir.db"))
        faults = kill_runs(killer, args.kills, random.Random(args.seed))
    struck = ", ".join(f"{name} {count}" for name, count in sorted(killer.outcomes.items()))
    print(f"{args.kills} kills ({struck}): {len(faults)} faults")
    for fault in faults:
        print(f"  {fault}")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
