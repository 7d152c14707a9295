"""Runs a command and prints, after what it says, the peak of memory of its processes: `python -m bench.peak COMMAND…`.

The peak that the system tells of a process starts from that of the one it was forked from: this one is small.
"""

import resource
import subprocess
import sys


def main() -> None:
    """Runs, tells, and ends as the command did."""
    ended = subprocess.run(sys.argv[1:], check=False)
    print(f"peak_mb={resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}", flush=True)
    raise SystemExit(ended.returncode)


if __name__ == "__main__":
    main()
